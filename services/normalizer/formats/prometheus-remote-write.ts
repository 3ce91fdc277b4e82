import { BadRecordError } from '../../../shared/errors.ts'
import type { CountedSamples, Events, Format, Reader, ReaderOptions } from '../format.ts'
import type { Payload } from '../payload.ts'
import { numberOfLong } from '../protobuf/long.ts'
import { messageType } from '../protobuf/message-type.ts'
import { refusing } from '../record-events.ts'
import { requireSound } from '../sound-histogram.ts'
import { Symbols } from './prometheus/symbols.ts'
import { unpackedMessage, versionOf } from './prometheus/write-message.ts'
import {
  gaugeHint,
  typeNumbered,
  type WriteRequest,
  type WriteRequest2,
  type WrittenSamples,
} from './prometheus/write-request.ts'
import { writtenHistogram } from './prometheus/written-histogram.ts'
import {
  type Declared,
  type Label,
  metricIn,
  type TextId,
  WrittenSeries,
} from './prometheus/written-series.ts'

/**
 * Prometheus' remote write, versions 1 and 2, as its protobuf messages, in a block of snappy or not. Version 2 tells the
 * type of each series; in version 1 the end of its name does. Exemplars and start times are passed over, as are the
 * markers that end a series.
 */
export const prometheusRemoteWrite: Format = {
  name: 'prometheus-remote-write',
  // What senders say, application/x-protobuf, does not tell it from OTLP: the bytes do.
  contentTypes: ['application/vnd.prometheus.remote-write'],
  recognizes: ({ bytes }) => versionOf(bytes) !== undefined,
  createReader: (options) => new RemoteWriteReader(options),
}

/** A label of version 1. Those that repeat are one object, with one number. */
interface NumberedLabel extends Label {
  readonly id: TextId
}

class RemoteWriteReader implements Reader {
  #labels = 0
  readonly #requests = messageType<WriteRequest<NumberedLabel>>(
    'prometheus/remote.proto',
    'prometheus.WriteRequest',
    {
      unread: ['prometheus.TimeSeries.exemplars', 'prometheus.MetricMetadata.help'],
      shared: {
        'prometheus.Label': (message): NumberedLabel => {
          const { name, value } = message as Label
          return { name, value, id: this.#labels++ }
        },
      },
    },
  )
  readonly #requests2 = messageType<WriteRequest2>(
    'io/prometheus/write/v2/types.proto',
    'io.prometheus.write.v2.Request',
    { unread: ['io.prometheus.write.v2.TimeSeries.exemplars'] },
  )
  readonly #symbols: Symbols
  readonly #series: WrittenSeries
  /** A reader of version 2 must not take numbers of version 1 for its own. */
  readonly #series2: WrittenSeries

  readonly #maxUnpackedBytes: number

  constructor({ cachedSeries, maxUnpackedBytes }: ReaderOptions) {
    this.#maxUnpackedBytes = maxUnpackedBytes
    this.#symbols = new Symbols(cachedSeries)
    this.#series = new WrittenSeries(cachedSeries)
    this.#series2 = new WrittenSeries(cachedSeries)
  }

  read(payload: Payload, events: Events): void {
    const message = unpackedMessage(payload.bytes, this.#maxUnpackedBytes)
    if (versionOf(message) === 2) this.#readVersion2(this.#requests2.decode(message), events)
    else this.#readVersion1(this.#requests.decode(message), events)
  }

  #readVersion1({ timeseries, metadata }: WriteRequest<NumberedLabel>, events: Events): void {
    const families = new Map<string, Declared>()
    for (const { metricFamilyName, type, unit } of metadata)
      families.set(metricFamilyName, { type: typeNumbered(type), unit })
    for (const [position, series] of timeseries.entries()) {
      refusing(events, position, () => {
        const { labels } = series
        const ids = labels.map(({ id }) => id)
        const declared = families.size > 0 ? declaredIn(families, metricIn(labels)) : nothing
        take(series, ids, () => labels, declared, this.#series, events)
      })
    }
  }

  #readVersion2({ symbols, timeseries }: WriteRequest2, events: Events): void {
    const known = this.#symbols.of(symbols)
    for (const [position, series] of timeseries.entries()) {
      refusing(events, position, () => {
        const { labelsRefs, metadata } = series
        const ids = known.idsAt(labelsRefs)
        const declared = metadata
          ? { type: typeNumbered(metadata.type), unit: known.textAt(metadata.unitRef) }
          : nothing
        take(series, ids, () => known.labelsAt(labelsRefs), declared, this.#series2, events)
      })
    }
  }
}

/** All samples of a series, or none. */
function take(
  { samples, histograms }: WrittenSamples,
  ids: readonly TextId[],
  labels: () => readonly Label[],
  declared: Declared,
  known: WrittenSeries,
  events: Events,
): void {
  const points = samples.filter(({ value }) => !isStale(value))
  const native = histograms.filter(({ sum }) => !isStale(sum))
  events.skipField(samples.length + histograms.length - points.length - native.length)
  if (points.length > 0) {
    const series = known.of(ids, labels, declared, false, events)
    for (const { value, timestamp } of points) {
      requireTime(numberOfLong(timestamp), events)
      if (!Number.isFinite(value))
        throw new BadRecordError('not_finite', `the value ${value} is not a finite number`)
    }
    for (const { value, timestamp } of points) events.point(series, numberOfLong(timestamp), value)
  }
  if (native.length === 0) return
  const isGauge = native.every(({ resetHint }) => resetHint === gaugeHint)
  const type = isGauge ? 'gaugehistogram' : 'histogram'
  const series = known.of(ids, labels, { ...declared, type }, true, events)
  const counted: CountedSamples[] = native.map(writtenHistogram)
  for (const one of counted) {
    requireTime(one.time, events)
    requireSound(one)
  }
  for (const one of counted) events.histogram(series, one)
}

const nothing: Declared = { type: 'unknown', unit: '' }

/** By the metric's name, or what it is without the ending of a counter, or of a part of a histogram or summary. */
const declaredIn = (families: ReadonlyMap<string, Declared>, metric: string): Declared =>
  families.get(metric) ?? families.get(metric.replace(/_(bucket|sum|count|total)$/, '')) ?? nothing

function requireTime(time: number, events: Events): void {
  const problem = events.timeProblem(time)
  if (problem) throw new BadRecordError(problem.reason, problem.detail)
}

const double = new Float64Array(1)
const bits = new BigUint64Array(double.buffer)
/** Prometheus' NaN for a value that is none; all others that it writes mean that the series has ended. */
const noNumber = 0x7ff8_0000_0000_0001n

function isStale(value: number): boolean {
  if (!Number.isNaN(value)) return false
  double[0] = value
  return bits[0] !== noNumber
}
