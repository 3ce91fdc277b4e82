import { binaryForm } from '../../../shared/avro/binary.ts'
import type { SeriesState, StoredWindow } from '../../../shared/avro/types.ts'
import { SketchStore } from '../../../shared/sketch/sketch-store.ts'
import type { Reading } from '../kinds/cumulative.ts'
import type { Aggregates } from './aggregate.ts'
import type { Level } from './level.ts'
import type { Moment, SeriesEntry } from './window.ts'

const form = binaryForm<SeriesState>('SeriesState', 1)

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

/** Throws RangeError when the bytes are damaged or of another version: also the sketches in them, which are merged only later, when it is too late to do without. */
export function readSeries(bytes: Uint8Array): SeriesState {
  const state = form.decode(bytes)
  for (const { aggregate } of state.windows) {
    scratch.mergeBytes(sketch, aggregate.sketch)
    scratch.clear(sketch)
  }
  return state
}

const scratch = new SketchStore()
const sketch = scratch.create()

export function storedReading({ counter, histogram }: SeriesState): Reading | undefined {
  if (counter) return counter
  return histogram ? { time: histogram.time, value: histogram } : undefined
}
