import type { EventTime } from '../../../shared/stream/task.ts'

/** One kind of window. Windows of the first level take points; those of the others are merged from shorter ones. */
export interface Level {
  readonly sizeMs: number
  /** Distance between two starts: the size of tumbling windows, less for sliding ones. */
  readonly stepMs: number
  /** The number of the level whose windows are merged into this one's; -1 of the first. */
  readonly source: number
  /** The numbers of the levels whose windows are merged from this one's. */
  readonly parents: readonly number[]
}

export interface LevelOptions {
  /** Tumbling windows, ascending, each a multiple of the one before. */
  readonly sizesMs: readonly number[]
  readonly sliding: readonly { readonly sizeMs: number; readonly stepMs: number }[]
}

/** The levels in an order in which each comes before its parents. A sliding window is merged from the longest tumbling ones that fit its step. */
export function levelsOf({ sizesMs, sliding }: LevelOptions): readonly Level[] {
  const sourceOf = (stepMs: number) => sizesMs.findLastIndex((sizeMs) => stepMs % sizeMs === 0)
  const tumbling = sizesMs.map((sizeMs) => ({ sizeMs, stepMs: sizeMs }))
  const sources = [...sizesMs.map((_, i) => i - 1), ...sliding.map(({ stepMs }) => sourceOf(stepMs))]
  return [...tumbling, ...sliding].map(({ sizeMs, stepMs }, number) => ({
    sizeMs,
    stepMs,
    source: sources[number]!,
    parents: sources.flatMap((source, parent) => (source === number ? [parent] : [])),
  }))
}

/** The start of the last window of this level that holds `time`. */
export const startOf = ({ stepMs }: Pick<Level, 'stepMs'>, time: EventTime) =>
  time - (((time % stepMs) + stepMs) % stepMs)

/** The starts of all windows of this level that hold `time`, the latest first. */
export function* startsOf(level: Level, time: EventTime): Generator<EventTime> {
  for (let start = startOf(level, time); start > time - level.sizeMs; start -= level.stepMs) yield start
}
