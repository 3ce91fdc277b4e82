import { RowJudge } from '../../cli/detect/row-judge.ts'
import type { SeriesDetectorKind } from '../../services/detector/series-detector.ts'
import type { CorpusFile } from './corpus.ts'

/** Scores of each row, as `tidemark detect` writes them. */
export function scoresOf(kind: SeriesDetectorKind, { rows, lines, times, values }: CorpusFile): Float64Array {
  const judge = new RowJudge(kind, () => {})
  const scores = new Float64Array(rows)
  for (let row = 0; row < rows; row++)
    scores[row] = judge.judge(lines[row]!, times[row]!, values[row]!)?.score ?? 0
  return scores
}
