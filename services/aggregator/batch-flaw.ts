import type { Histogram, PointBatch, Series } from '../../shared/avro/types.ts'
import { flawOfExemplar } from '../../shared/points/exemplars.ts'
import { addHistogram } from '../../shared/sketch/histograms.ts'
import { SketchStore } from '../../shared/sketch/sketch-store.ts'
import { isMember } from './kinds/member-set.ts'

/** What is wrong with a batch that someone else than the normalizer has written; undefined when it is sound. */
export function flawOf({
  series,
  seriesIndex,
  times,
  values,
  histograms,
  exemplars,
}: PointBatch): string | undefined {
  if (seriesIndex.length !== times.length || values.length !== times.length)
    return 'the columns have different lengths'
  for (let i = 0; i < times.length; i++) {
    const index = seriesIndex[i]!
    if (index < 0 || index >= series.length)
      return `point ${i} belongs to series ${index} of ${series.length}`
    if (!Number.isFinite(values[i]!) || !Number.isFinite(times[i]!)) return `point ${i} is not finite`
  }
  for (const [i, histogram] of histograms.entries()) {
    const flaw = flawOfHistogram(histogram, series)
    if (flaw) return `histogram ${i} ${flaw}`
  }
  for (const [i, { seriesIndex: index, time, exemplar }] of exemplars.entries()) {
    if (index < 0 || index >= series.length)
      return `exemplar ${i} belongs to series ${index} of ${series.length}`
    const flaw = Number.isFinite(time) ? flawOfExemplar(exemplar) : 'has no time'
    if (flaw) return `exemplar ${i} ${flaw}`
  }
  return series.some(isSet) ? flawOfMembers(series, seriesIndex, values) : undefined
}

const isSet = ({ kind }: Series) => kind === 'set'

function flawOfMembers(
  series: readonly Series[],
  seriesIndex: readonly number[],
  values: readonly number[],
): string | undefined {
  for (let i = 0; i < values.length; i++)
    if (isSet(series[seriesIndex[i]!]!) && !isMember(values[i]!))
      return `point ${i} is ${values[i]}, which stands for no member of a set`
  return undefined
}

/** A histogram is sound when a sketch takes it: a cumulative one is added up only later, when it is too late to refuse. */
function flawOfHistogram(histogram: Histogram, series: readonly Series[]): string | undefined {
  const { seriesIndex, time } = histogram
  if (seriesIndex < 0 || seriesIndex >= series.length)
    return `belongs to series ${seriesIndex} of ${series.length}`
  if (isSet(series[seriesIndex]!)) return 'belongs to a set, which has members'
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
