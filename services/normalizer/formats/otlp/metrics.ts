import type { SeriesKind } from '../../../../shared/avro/types.ts'
import { BadRecordError } from '../../../../shared/errors.ts'
import type { EventTime } from '../../../../shared/stream/task.ts'
import type { CountedSamples, Events, ReaderOptions } from '../../format.ts'
import { refusing } from '../../record-events.ts'
import { requireSound } from '../../sound-histogram.ts'
import { exemplarIn } from './exemplars.ts'
import { explicitSamples, exponentialSamples, summarySamples } from './histograms.ts'
import { type Group, listOf, type Message, messageOf } from './message.ts'
import { type MetricHead, MetricSeries } from './metric-series.ts'
import { doubleOf, enumOf, integerOf, textOf, timeOr } from './values.ts'

/** A kind of metric: how its points are read, and what their numbers mean. */
interface Shape {
  readonly name: string
  readonly kindOf: (data: Message) => SeriesKind
  /** Undefined for plain numbers. */
  readonly samplesOf?: (point: Message, time: EventTime) => CountedSamples
}

const shapes: readonly Shape[] = [
  { name: 'gauge', kindOf: () => 'gauge' },
  {
    name: 'sum',
    kindOf: (sum) => (isDelta(sum) ? 'delta' : sum.isMonotonic === true ? 'counter' : 'gauge'),
  },
  { name: 'histogram', kindOf: kindOfHistogram, samplesOf: explicitSamples },
  { name: 'exponentialHistogram', kindOf: kindOfHistogram, samplesOf: exponentialSamples },
  { name: 'summary', kindOf: () => 'counter', samplesOf: summarySamples },
]

interface OpenMetric {
  readonly head: MetricHead
  readonly shape: Shape
  readonly points: readonly unknown[]
}

/** Hands on points and histograms; positions count data points. */
export class MetricsReader {
  readonly #series: MetricSeries

  constructor(options: ReaderOptions) {
    this.#series = new MetricSeries(options)
  }

  read(groups: readonly Group[], events: Events): void {
    const tags = groups.map((group) => this.#series.tagsOf(group))
    let position = 0
    for (const [i, { records }] of groups.entries())
      for (const metric of records) position += this.#readMetric(metric, tags[i]!, position, events)
  }

  /** The number of its positions: one for a metric that can't be read. */
  #readMetric(metric: unknown, tags: ReadonlyMap<string, string>, first: number, events: Events): number {
    const opened = this.#open(metric, tags)
    if (opened instanceof BadRecordError) {
      refusing(events, first, () => {
        throw opened
      })
      return 1
    }
    const { points } = opened
    for (let i = 0; i < points.length; i++)
      refusing(events, first + i, () => this.#readPoint(points[i], opened, events))
    return points.length
  }

  #open(value: unknown, tags: ReadonlyMap<string, string>): OpenMetric | BadRecordError {
    try {
      const metric = messageOf(value, 'a metric')
      const name = textOf(metric.name, "a metric's name")
      const shape = shapes.find((one) => metric[one.name] !== undefined && metric[one.name] !== null)
      if (!shape)
        throw new BadRecordError(
          'unparseable',
          `the metric “${name.slice(0, 80)}” has no known kind of points`,
        )
      const data = messageOf(metric[shape.name], shape.name)
      const unit = textOf(metric.unit, "a metric's unit")
      return {
        head: this.#series.head(name, shape.kindOf(data), unit, tags),
        shape,
        points: listOf(data.dataPoints, 'dataPoints'),
      }
    } catch (error) {
      if (error instanceof BadRecordError) return error
      throw error
    }
  }

  #readPoint(value: unknown, { head, shape }: OpenMetric, events: Events): void {
    const point = messageOf(value, 'a data point')
    if ((integerOf(point.flags, 'flags') & noRecordedValue) !== 0) {
      events.skipField(1)
      return
    }
    const time = timeOr(point.timeUnixNano, events.defaultTime)
    const problem = events.timeProblem(time)
    if (problem) throw new BadRecordError(problem.reason, problem.detail)
    if (shape.samplesOf) {
      const samples = shape.samplesOf(point, time)
      requireSound(samples)
      events.histogram(this.#series.of(head, point.attributes, events), samples, exemplarIn(point, time))
    } else {
      const number = numberOf(point)
      events.point(this.#series.of(head, point.attributes, events), time, number, exemplarIn(point, time))
    }
  }
}

/** Of DataPointFlags. */
const noRecordedValue = 1

function numberOf({ asDouble, asInt }: Message): number {
  const isDouble = asDouble !== undefined && asDouble !== null
  if (!isDouble && (asInt === undefined || asInt === null))
    throw new BadRecordError('unparseable', 'a data point has no value')
  const number = isDouble ? doubleOf(asDouble, 'asDouble') : integerOf(asInt, 'asInt')
  if (!Number.isFinite(number)) throw new BadRecordError('not_finite', `the value is ${number}`)
  return number
}

const temporalities = ['UNSPECIFIED', 'DELTA', 'CUMULATIVE']

/** Whether points hold what was added since the last one, and not since a start. Throws BadRecordError when that is not told. */
function isDelta({ aggregationTemporality }: Message): boolean {
  const temporality = temporalities[enumOf(aggregationTemporality, 'AGGREGATION_TEMPORALITY_', temporalities)]
  if (temporality === 'DELTA' || temporality === 'CUMULATIVE') return temporality === 'DELTA'
  throw new BadRecordError('unparseable', 'aggregationTemporality says neither delta nor cumulative')
}

function kindOfHistogram(histogram: Message): SeriesKind {
  return isDelta(histogram) ? 'distribution' : 'counter'
}
