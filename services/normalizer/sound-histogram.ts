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
  try {
    addHistogram(scratch, sketch, { ...noSamples, ...samples, seriesIndex: 0 })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new BadRecordError('invalid_histogram', error.message)
  } finally {
    scratch.clear(sketch)
  }
}
