import type { AggregatorConfig } from '../../services/aggregator/config.ts'
import type { Exemplar, Histogram, Series, SeriesKind, Window } from '../../shared/avro/types.ts'
import { addHistogram } from '../../shared/sketch/histograms.ts'
import { exactSamples } from '../../shared/sketch/limits.ts'
import { SketchStore } from '../../shared/sketch/sketch-store.ts'
import { subtractHistogram } from '../../shared/sketch/subtract-histogram.ts'
import { type Point, second, timeOf } from './aggregator.ts'
import { exactSum } from './exact-sum.ts'

/** A window as it must be in the end, whatever it took to get there. */
export type FinalWindow = Omit<Window, 'revision'>

/** What a point adds to its windows: a sample, the samples of a histogram, or of a counter its rate with what it gained. */
interface Sample {
  readonly time: number
  readonly value: number | Histogram
  readonly gained?: number
}

/**
 * The windows that these points make in the end, computed from all of them at once, without any thought of streams:
 * what the aggregator's two steps must come to. Points of one series stand in the order in which they came.
 */
export function finalWindows(points: readonly Point[], config: AggregatorConfig): readonly FinalWindow[] {
  const sources = [...groups(points, ({ series }) => keyOf(series)).values()].map((ofSeries) => ({
    series: ofSeries[0]!.series,
    samples: samplesOf(ofSeries, config),
    exemplars: ofSeries.flatMap(({ exemplar }) => exemplar ?? []),
  }))
  return [...sources, ...rollUps(sources, config)]
    .flatMap(({ series, samples, exemplars }) =>
      inWindows(samples, config).flatMap((window) =>
        ofSamples(series, window, window.contents).map((final) => ({
          ...final,
          exemplar: highest(exemplars.filter(({ time }) => isIn(window, time))),
        })),
      ),
    )
    .concat(ratios(sources, config))
}

/** What tells windows apart. */
export const identityOf = ({ series, start, sizeMs, stepMs }: FinalWindow) =>
  `${keyOf(series)} ${start} ${sizeMs}/${stepMs}`

interface Source {
  readonly series: Series
  readonly samples: readonly Sample[]
  /** Of its points, whether these have become samples or not. */
  readonly exemplars: readonly Exemplar[]
}

const keyOf = ({ metric, tags }: Series) => JSON.stringify([metric, tags])

function groups<T>(items: readonly T[], keyOfItem: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  return Map.groupBy(items, keyOfItem)
}

function samplesOf(points: readonly Point[], config: AggregatorConfig): readonly Sample[] {
  const samples = points.map((point) => ({ time: timeOf(point), value: point.value }))
  return points[0]!.series.kind === 'counter' ? gainsOf(samples, config.counterGapMs) : samples
}

/** Of each reading, in the order of time, what came since the one before. */
function gainsOf(readings: readonly Sample[], maxGapMs: number): readonly Sample[] {
  const size = ({ value }: Sample) => (typeof value === 'number' ? value : value.count)
  const inOrder = readings.toSorted((a, b) => a.time - b.time || size(a) - size(b))
  return inOrder.flatMap((later, i): readonly Sample[] => {
    const earlier = inOrder[i - 1]
    if (!earlier || later.time - earlier.time > maxGapMs) return []
    const { time } = later
    if (typeof later.value !== 'number' || typeof earlier.value !== 'number') {
      const [now, before] = [later.value as Histogram, earlier.value as Histogram]
      const value = subtractHistogram(now, before) ?? now
      return canBeRead(value) ? [{ time, value }] : []
    }
    if (time === earlier.time) return []
    const gained = gainOf(earlier.value, later.value)
    return [{ time, value: (gained / (time - earlier.time)) * 1_000, gained }]
  })
}

/** Of two histograms that can be read, one that tells no sum may leave nothing to say of where the samples between them are. */
function canBeRead(histogram: Histogram): boolean {
  const sketches = new SketchStore()
  try {
    addHistogram(sketches, sketches.create(), histogram)
    return true
  } catch {
    return false
  }
}

function gainOf(earlier: number, later: number): number {
  if (later >= earlier) return later - earlier
  const overflows = earlier < 2 ** 32 && earlier / 2 ** 32 >= 15 / 16 && later / 2 ** 32 < 1 / 16
  return overflows ? 2 ** 32 - earlier + later : later
}

interface InWindow<T> {
  readonly start: number
  readonly sizeMs: number
  readonly stepMs: number
  readonly contents: readonly T[]
}

function inWindows<T extends { readonly time: number }>(
  items: readonly T[],
  { sizesMs, sliding }: Pick<AggregatorConfig, 'sizesMs' | 'sliding'>,
): readonly InWindow<T>[] {
  const kinds = [...sizesMs.map((sizeMs) => ({ sizeMs, stepMs: sizeMs })), ...sliding]
  return kinds.flatMap(({ sizeMs, stepMs }) => {
    const byStart = new Map<number, T[]>()
    for (const item of items) {
      let start = Math.floor(item.time / stepMs) * stepMs
      for (; start > item.time - sizeMs; start -= stepMs)
        byStart.set(start, [...(byStart.get(start) ?? []), item])
    }
    return [...byStart].map(([start, contents]) => ({ start, sizeMs, stepMs, contents }))
  })
}

const isIn = ({ start, sizeMs }: InWindow<unknown>, time: number) => time >= start && time < start + sizeMs

function highest(exemplars: readonly Exemplar[]): Exemplar | null {
  const inOrder = exemplars.toSorted(
    (a, b) => b.value - a.value || b.time - a.time || (a.traceId > b.traceId ? -1 : 1),
  )
  return inOrder[0] ?? null
}

/** Nothing when there are no samples. */
function ofSamples(
  series: Series,
  { start, sizeMs, stepMs }: InWindow<unknown>,
  samples: readonly Sample[],
): readonly FinalWindow[] {
  if (series.kind === 'set') {
    const members = [...new Set(samples.map(({ value }) => value as number))].sort((a, b) => a - b)
    return [
      {
        series,
        start,
        sizeMs,
        stepMs,
        ...noSamples,
        mean: members.length,
        distinct: members.length,
        members: Buffer.from(
          `0100${members.map((member) => member.toString(16).padStart(12, '0')).join('')}`,
          'hex',
        ),
      },
    ]
  }
  const figures = figuresOf(samples)
  const { count, sum } = figures
  if (count === 0) return []
  const gains = samples.flatMap(({ gained }) => gained ?? [])
  const increase = gains.length > 0 ? exactSum(gains) : series.kind === 'delta' ? sum : null
  return [
    {
      series,
      start,
      sizeMs,
      stepMs,
      ...figures,
      mean: sum / count,
      rate: (increase ?? count) / (sizeMs / second),
      increase,
      numerator: null,
      denominator: null,
      distinct: null,
      members: null,
      exemplar: null,
    },
  ]
}

function figuresOf(samples: readonly Sample[]) {
  const sketches = new SketchStore()
  const sketch = sketches.create()
  for (const { value } of samples) {
    if (typeof value === 'number') sketches.add(sketch, value)
    else addHistogram(sketches, sketch, value)
  }
  const numbers = samples.flatMap(({ value }) => (typeof value === 'number' ? value + 0 : []))
  const areNumbers = numbers.length === samples.length
  const sorted = numbers.toSorted((a, b) => a - b)
  const areFew = areNumbers && sorted.length <= exactSamples
  const nearestRank = (percent: number) =>
    areFew
      ? sorted[Math.ceil((percent * sorted.length) / 100) - 1]!
      : sketches.quantile(sketch, percent / 100)
  return {
    count: areNumbers ? sorted.length : sketches.count(sketch),
    sum: areNumbers ? exactSum(numbers) : sketches.sum(sketch),
    min: areNumbers ? sorted[0]! : sketches.min(sketch),
    max: areNumbers ? sorted.at(-1)! : sketches.max(sketch),
    p50: nearestRank(50),
    p90: nearestRank(90),
    p95: nearestRank(95),
    p99: nearestRank(99),
    sketch: sketches.toBytes(sketch),
  }
}

function rollUps(sources: readonly Source[], config: AggregatorConfig): readonly Source[] {
  return config.rollUps.flatMap(({ metric, where, by, name }) => {
    const chosen = sources
      .filter(({ series }) => isMeant(series, metric, where))
      .map(({ series, samples, exemplars }) => ({
        samples,
        exemplars,
        series: madeOf(series, name ?? `${metric}.by_${by.join('_') || 'all'}`, by, series.kind),
      }))
    return [...groups(chosen, ({ series }) => keyOf(series)).values()].map((parts) => ({
      series: parts[0]!.series,
      samples: parts.flatMap(({ samples }) => samples),
      exemplars: parts.flatMap(({ exemplars }) => exemplars),
    }))
  })
}

/** What a short window of one series adds to a ratio. */
interface Share {
  readonly time: number
  readonly numerator: number
  readonly denominator: number
}

function ratios(sources: readonly Source[], config: AggregatorConfig): readonly FinalWindow[] {
  const shares = [
    ...config.ratios.flatMap(({ name, by, numerator, denominator }) =>
      (['numerator', 'denominator'] as const).flatMap((part) => {
        const { metric, where, figure } = { numerator, denominator }[part]
        return sharesOf(sources, config, { name, by, metric, where }, (series, samples) => {
          const value = figureOf(figure, series, samples)
          return value === undefined ? undefined : { numerator: 0, denominator: 0, [part]: value }
        })
      }),
    ),
    ...config.apdexes.flatMap((apdex) =>
      sharesOf(sources, config, apdex, (_, samples) => {
        const within = (limit: number) => samples.filter(({ value }) => (value as number) <= limit).length
        const { threshold } = apdex
        const satisfied = within(threshold)
        return {
          numerator: satisfied + (within(4 * threshold) - satisfied) / 2,
          denominator: samples.length,
        }
      }),
    ),
  ]
  return [...groups(shares, ({ series }) => keyOf(series)).values()].flatMap((parts) =>
    inWindows(parts, config).flatMap(({ contents, ...window }) => {
      const numerator = exactSum(contents.map((share) => share.numerator))
      const denominator = exactSum(contents.map((share) => share.denominator))
      if (denominator === 0) return []
      const mean = numerator / denominator
      return [{ series: parts[0]!.series, ...window, ...noSamples, mean, numerator, denominator }]
    }),
  )
}

function sharesOf(
  sources: readonly Source[],
  { sizesMs }: AggregatorConfig,
  rule: {
    readonly name: string
    readonly by: readonly string[]
    readonly metric: string
    readonly where: Readonly<Record<string, string>>
  },
  share: (series: Series, samples: readonly Sample[]) => Omit<Share, 'time'> | undefined,
): readonly (Share & { readonly series: Series })[] {
  return sources
    .filter(({ series }) => isMeant(series, rule.metric, rule.where))
    .flatMap(({ series, samples }) =>
      inWindows(samples, { sizesMs: sizesMs.slice(0, 1), sliding: [] }).flatMap(({ start, contents }) => {
        const parts = share(series, contents)
        return parts ? [{ series: madeOf(series, rule.name, rule.by, 'ratio'), time: start, ...parts }] : []
      }),
    )
}

function figureOf(
  figure: 'increase' | 'sum' | 'count' | 'mean' | undefined,
  { kind }: Series,
  samples: readonly Sample[],
): number | undefined {
  const { count, sum } = figuresOf(samples)
  if (count === 0) return undefined
  const gains = samples.flatMap(({ gained }) => gained ?? [])
  const increase = gains.length > 0 ? exactSum(gains) : kind === 'delta' ? sum : undefined
  const byDefault = kind === 'gauge' ? 'mean' : increase === undefined ? 'count' : 'increase'
  return { increase, sum, count, mean: sum / count }[figure ?? byDefault]
}

function isMeant(series: Series, metric: string, where: Readonly<Record<string, string>>): boolean {
  const expressionOf = (pattern: string) =>
    new RegExp(
      `^${pattern
        .split('*')
        .map((text) => text.replace(/[^\w]/g, '\\$&'))
        .join('[^]*')}$`,
    )
  return (
    expressionOf(metric).test(series.metric) &&
    Object.entries(where).every(([key, pattern]) =>
      series.tags.some((tag) => tag.key === key && expressionOf(pattern).test(tag.value)),
    )
  )
}

const madeOf = ({ tags, unit }: Series, metric: string, by: readonly string[], kind: SeriesKind): Series => ({
  metric,
  tags: tags.filter(({ key }) => by.includes(key)),
  kind,
  unit: kind === 'ratio' ? '' : unit,
})

const noSamples = {
  count: 0,
  sum: Number.NaN,
  min: Number.NaN,
  max: Number.NaN,
  rate: Number.NaN,
  p50: Number.NaN,
  p90: Number.NaN,
  p95: Number.NaN,
  p99: Number.NaN,
  increase: null,
  numerator: null,
  denominator: null,
  distinct: null,
  members: null,
  exemplar: null,
  sketch: Buffer.alloc(0),
}
