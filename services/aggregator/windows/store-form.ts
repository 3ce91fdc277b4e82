import { binaryForm } from '../../../shared/avro/binary.ts'
import type { SeriesState, StoredWindow } from '../../../shared/avro/types.ts'
import { keyOf } from '../../../shared/series/known-series.ts'
import { SketchStore } from '../../../shared/sketch/sketch-store.ts'
import { keyWithin } from '../cardinality/overflow.ts'
import type { Reading } from '../kinds/cumulative.ts'
import { Aggregates } from './aggregate.ts'
import type { Level } from './level.ts'
import type { Moment, SeriesEntry } from './window.ts'

const form = binaryForm<SeriesState>('SeriesState', 2)

/** What the task must remember of a series, as of `moment`, in bytes. */
export function storeSeries(
  entry: SeriesEntry,
  levels: readonly Level[],
  aggregates: Aggregates,
  moment: Moment,
): Buffer {
  const { series, lives, lastReading } = entry
  const windows: StoredWindow[] = entry.longer.map(({ level, start, finals, revision, isEmitted }) => ({
    sizeMs: levels[level]!.sizeMs,
    stepMs: levels[level]!.stepMs,
    start,
    revision,
    emitted: isEmitted,
    aggregate: aggregates.toRecord(finals),
  }))
  const value = lastReading?.value
  return form.encode({
    series,
    moment,
    lives,
    counter: lastReading && typeof value === 'number' ? { time: lastReading.time, value } : null,
    histogram: value !== undefined && typeof value !== 'number' ? value : null,
    windows,
  })
}

/**
 * What `storeSeries` has written of the series of this key. Throws RangeError when the bytes are damaged, of another version, or
 * of another series: also the aggregates in them, which are merged only later, when it is too late to do without.
 */
export function readSeries(key: string, bytes: Uint8Array): SeriesState {
  const state = form.decode(bytes)
  if (keyOf(state.series) !== keyWithin(key))
    throw new RangeError(`not the state of ${key}, but of ${keyOf(state.series)}`)
  for (const window of state.windows) {
    checkWindow(window)
    scratch.mergeRecord(aggregate, window.aggregate)
    scratch.clear(aggregate)
  }
  return state
}

/** Revisions are ints, and there is to be room for more of them. */
const maxRevision = 2 ** 30

/** Such a window would be emitted beside the true one, or could not be. */
function checkWindow({ start, stepMs, revision }: StoredWindow): void {
  if (start % stepMs !== 0) throw new RangeError(`no window of every ${stepMs} ms starts at ${start}`)
  if (!(revision >= 0 && revision <= maxRevision))
    throw new RangeError(`the window at ${start} has the impossible revision ${revision}`)
}

const scratch = new Aggregates(new SketchStore())
const aggregate = scratch.create()

export function storedReading({ counter, histogram }: SeriesState): Reading | undefined {
  if (counter) return counter
  return histogram ? { time: histogram.time, value: histogram } : undefined
}
