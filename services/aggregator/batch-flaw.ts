import type { Histogram, PointBatch } from '../../shared/avro/types.ts'
import { addHistogram } from '../../shared/sketch/histograms.ts'
import { SketchStore } from '../../shared/sketch/sketch-store.ts'

/** What is wrong with a batch that someone else than the normalizer has written; undefined when it is sound. */
export function flawOf({ series, seriesIndex, times, values, histograms }: PointBatch): string | undefined {
  if (seriesIndex.length !== times.length || values.length !== times.length)
    return 'the columns have different lengths'
  for (let i = 0; i < times.length; i++) {
    const index = seriesIndex[i]!
    if (index < 0 || index >= series.length)
      return `point ${i} belongs to series ${index} of ${series.length}`
    if (!Number.isFinite(values[i]!) || !Number.isFinite(times[i]!)) return `point ${i} is not finite`
  }
  for (const [i, histogram] of histograms.entries()) {
    const flaw = flawOfHistogram(histogram, series.length)
    if (flaw) return `histogram ${i} ${flaw}`
  }
  return undefined
}

/** A histogram is sound when a sketch takes it: a cumulative one is added up only later, when it is too late to refuse. */
function flawOfHistogram(histogram: Histogram, series: number): string | undefined {
  const { seriesIndex, time } = histogram
  if (seriesIndex < 0 || seriesIndex >= series) return `belongs to series ${seriesIndex} of ${series}`
  if (!Number.isFinite(time)) return 'has no time'
  try {
    addHistogram(scratch, sketch, histogram)
    return undefined
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return `can't be read: ${error.message}`
  } finally {
    scratch.clear(sketch)
  }
}

const scratch = new SketchStore()
const sketch = scratch.create()
