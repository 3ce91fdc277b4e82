import { BadRecordError } from '../../shared/errors.ts'
import { addHistogram } from '../../shared/sketch/histograms.ts'
import { SketchStore } from '../../shared/sketch/sketch-store.ts'
import type { CountedSamples } from './format.ts'
import { noSamples } from './point-columns.ts'

const maxBuckets = 10_000

const scratch = new SketchStore()
const sketch = scratch.create()

/**
 * Throws BadRecordError unless a sketch takes these samples: the aggregator would refuse their whole batch. A cumulative histogram is not
 * looked at for what it gained, so its counts must stand on their own.
 */
export function requireSound(samples: CountedSamples): void {
  const { count, bounds = [], counts = [], positiveCounts = [], negativeCounts = [] } = samples
  const buckets = Math.max(bounds.length, counts.length, positiveCounts.length, negativeCounts.length)
  if (buckets > maxBuckets)
    throw new BadRecordError('invalid_histogram', `${buckets} buckets: at most ${maxBuckets} are taken`)
  if (!(Number.isSafeInteger(count) && count >= 0))
    throw new BadRecordError('invalid_histogram', `the histogram's count is ${count}`)
  // Where there are no buckets, a sketch does not look at where they would begin; but the record has to hold it.
  for (const name of ['scale', 'positiveOffset', 'negativeOffset'] as const) {
    const value = samples[name] ?? 0
    if (value !== (value | 0))
      throw new BadRecordError('invalid_histogram', `${name} is ${value}, which is no integer of 32 bits`)
  }
  if (areSoundBuckets(samples)) return
  try {
    addHistogram(scratch, sketch, { ...noSamples, ...samples, seriesIndex: 0 })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new BadRecordError('invalid_histogram', error.message)
  } finally {
    scratch.clear(sketch)
  }
}

/** Whether it is plain that a sketch takes these buckets: a tenth of the work. What is not plain, the sketch decides. */
function areSoundBuckets({ form, sum, min, max, bounds = [], counts = [] }: CountedSamples): boolean {
  if (form !== 'explicit' || counts.length !== bounds.length + 1) return false
  if (!Number.isFinite(sum) || (typeof min === 'number' && typeof max === 'number' && !(min <= max)))
    return false
  for (let i = 0; i < bounds.length; i++)
    if (!Number.isFinite(bounds[i]) || (i > 0 && bounds[i]! <= bounds[i - 1]!)) return false
  return counts.every((count) => Number.isSafeInteger(count) && count >= 0)
}
