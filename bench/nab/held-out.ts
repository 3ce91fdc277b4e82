import type { CorpusFile } from './corpus.ts'
import { type Profile, profiles, scoreCorpus } from './scoring.ts'

/**
 * What a threshold is worth on files that it was not chosen on: each category of files is scored at the threshold that is
 * best for all the others, and the results are put together as if it were one run.
 */
export function heldOutScore(
  files: readonly CorpusFile[],
  scores: readonly ArrayLike<number>[],
  profile: Profile,
): number {
  const category = ({ name }: CorpusFile) => name.split('/')[0]!
  const { found, missed } = profiles[profile]
  let raw = 0
  for (const held of new Set(files.map(category))) {
    const chosen = pick(files, scores, (file) => category(file) !== held)
    const tested = pick(files, scores, (file) => category(file) === held)
    const { threshold } = scoreCorpus(chosen.files, chosen.scores, profile)
    for (const file of scoreCorpus(tested.files, tested.scores, profile, threshold).files) raw += file.raw
  }
  const windows = files.reduce((sum, file) => sum + file.windows.length, 0)
  return (100 * (raw + missed * windows)) / ((found + missed) * windows)
}

function pick(
  files: readonly CorpusFile[],
  scores: readonly ArrayLike<number>[],
  isPicked: (file: CorpusFile) => boolean,
) {
  const indexes = files.flatMap((file, i) => (isPicked(file) ? [i] : []))
  return { files: indexes.map((i) => files[i]!), scores: indexes.map((i) => scores[i]!) }
}
