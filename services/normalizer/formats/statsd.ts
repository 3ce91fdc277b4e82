import { BadRecordError } from '../../../shared/errors.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import type { CountedSamples, Events, Format, Reader, ReaderOptions } from '../format.ts'
import { type Payload, requireUtf8 } from '../payload.ts'
import { refusing } from '../record-events.ts'
import type { SeriesRef } from '../series-cache.ts'
import { memberOf } from '../set-member.ts'
import { requireSound } from '../sound-histogram.ts'
import { parseDecimal } from './influx/values.ts'
import { readEvent, readServiceCheck } from './statsd/dog-events.ts'
import { numberOf, parseSample, type Sample } from './statsd/sample.ts'
import { SampleCache } from './statsd/sample-cache.ts'

/**
 * StatsD: `name:value|type|@rate`, a line each, with DogStatsD's tags `|#key:value,…`, values packed as `name:1:2|ms`,
 * timestamps, events and service checks, and tags in names as Telegraf (`name,key=value:1|c`) and SignalFx
 * (`name[key=value]:1|c`) take them. What stands for the value of a set is one member, colons included. In StatsD a gauge with
 * a sign is a change of its last value, which is not known here, and is refused.
 */
export const statsd: Format = {
  name: 'statsd',
  contentTypes: ['application/vnd.statsd'],
  recognizes(payload) {
    const line = firstLineOf(payload)
    return typical.test(line) && !dogsOwn.test(line)
  },
  createReader: (options) => new StatsdReader(true, options),
}

/** The same, but a gauge with a sign is a value, as in DogStatsD; recognized by what only DogStatsD has. */
export const dogstatsd: Format = {
  name: 'dogstatsd',
  contentTypes: ['application/vnd.dogstatsd'],
  recognizes(payload) {
    const line = firstLineOf(payload)
    return line.startsWith('_') ? dogsEvent.test(line) : dogsOwn.test(line) && typical.test(line)
  },
  createReader: (options) => new StatsdReader(false, options),
}

const typical = /^[^:|\s"{}<][^:|"{}<]*:[^|\s]+\|(c|g|ms|h|d|s)(\||:|\s*$)/
const dogsOwn = /\|(#|c:|T\d|e:|card:)/
const dogsEvent = /^(_e\{\d+,\d+\}:|_sc\|)/

const minus = 0x2d
const plus = 0x2b
const underscore = 0x5f

/** As far as a kilobyte. */
function firstLineOf({ bytes }: Payload): string {
  const head = bytes.toString('latin1', 0, 1_024).trimStart()
  const end = head.indexOf('\n')
  return end < 0 ? head : head.slice(0, end)
}

class StatsdReader implements Reader {
  readonly #signIsChange: boolean
  readonly #maxAttributes: number
  readonly #samples: SampleCache

  constructor(signIsChange: boolean, { cachedSeries, maxAttributes }: ReaderOptions) {
    this.#signIsChange = signIsChange
    this.#maxAttributes = maxAttributes
    this.#samples = new SampleCache(cachedSeries)
  }

  read(payload: Payload, events: Events): void {
    requireUtf8(payload.bytes)
    const { bytes } = payload
    for (let from = 0, position = 0; from < bytes.length; position++) {
      const newline = bytes.indexOf(0x0a, from)
      const end = newline < 0 ? bytes.length : newline
      const line = bytes.subarray(from, bytes[end - 1] === 0x0d ? end - 1 : end)
      from = end + 1
      if (line.length > 0) refusing(events, position, () => this.#readLine(line, position, events))
    }
  }

  #readLine(line: Buffer, position: number, events: Events): void {
    const text = line[0] === underscore ? line.toString('utf8') : ''
    if (text.startsWith('_e{')) events.log(position, readEvent(text, events.defaultTime, this.#maxAttributes))
    else if (text.startsWith('_sc|'))
      events.log(position, readServiceCheck(text, events.defaultTime, this.#maxAttributes))
    else this.#readSamples(line, events)
  }

  #readSamples(line: Buffer, events: Events): void {
    const colon = line.indexOf(0x3a)
    if (colon <= 0) throw new BadRecordError('unparseable', 'a line needs a name, “:”, a value and a type')
    const bar = line.indexOf(0x7c, colon)
    if (bar < 0) throw new BadRecordError('unparseable', 'a value needs a type, as in “name:1|c”')
    const sample = this.#samples.at(line, colon, bar, events)
    if (sample.kind === 'set' && sample.next === '') {
      hand(this.#memberOf(sample, line.subarray(colon + 1, bar), events), events)
      return
    }
    const value = parseDecimal(line, colon + 1, bar)
    if (sample.next !== '' || Number.isNaN(value)) this.#readMany(line, colon, bar, sample, events)
    else {
      const first = line[colon + 1]
      hand(this.#readingOf(sample, value, first === plus || first === minus, events), events)
    }
  }

  /** A line with several values, or with one that is no number. It is taken whole or refused. */
  #readMany(line: Buffer, colon: number, bar: number, first: Sample, events: Events): void {
    const name = line.toString('utf8', 0, colon)
    const readings: Reading[] = []
    let values = line.toString('utf8', colon + 1, bar)
    for (let sample = first; ; ) {
      if (sample.kind === 'set') readings.push(this.#memberOf(sample, Buffer.from(values), events))
      else
        for (const text of values.split(':'))
          readings.push(this.#readingOf(sample, numberIn(text), /^[-+]/.test(text), events))
      if (sample.next === '') break
      const end = sample.next.indexOf('|')
      if (end < 0) throw new BadRecordError('unparseable', 'a value needs a type, as in “name:1|c:2|g”')
      values = sample.next.slice(0, end)
      sample = parseSample(name, sample.next.slice(end), events)
    }
    for (const reading of readings) hand(reading, events)
  }

  /** A sample rate means nothing: a member that was left out is not known by those that came. */
  #memberOf(sample: Sample, member: Uint8Array, events: Events): Reading {
    const { series } = sample
    const value = memberOf(member)
    if (Number.isNaN(value))
      throw new BadRecordError('unparseable', 'a set needs a member, as in “users:alice|s”')
    return { series, time: timeOf(sample, events), value, samples: undefined }
  }

  #readingOf(sample: Sample, value: number, hasSign: boolean, events: Events): Reading {
    const { series, kind, rate } = sample
    if (kind === 'gauge' && hasSign && this.#signIsChange) {
      throw new BadRecordError(
        'relative_gauge',
        `${value} changes the gauge “${series.series.metric}”, whose last value is not known here: send values, or name the format dogstatsd if it is that`,
      )
    }
    const time = timeOf(sample, events)
    const scaled = kind === 'delta' ? value / rate : value
    if (!Number.isFinite(scaled)) throw new BadRecordError('not_finite', 'the value is not a finite number')
    const weight = kind === 'distribution' ? Math.round(1 / rate) : 1
    return {
      series,
      time,
      value: scaled,
      samples: weight === 1 ? undefined : samplesOf(scaled, weight, time),
    }
  }
}

/** Throws BadRecordError for a time that is not taken. */
function timeOf(sample: Sample, events: Events): EventTime {
  const time = sample.time ?? events.defaultTime
  const problem = events.timeProblem(time)
  if (problem) throw new BadRecordError(problem.reason, problem.detail)
  return time
}

interface Reading {
  readonly series: SeriesRef
  readonly time: EventTime
  readonly value: number
  /** Where it stands for several. */
  readonly samples: CountedSamples | undefined
}

/** So many samples of one value. Throws BadRecordError when they are too many to be counted. */
function samplesOf(value: number, weight: number, time: EventTime): CountedSamples {
  const sum = Number.isFinite(value * weight) ? value * weight : Number.NaN
  // Without bounds all samples are at their mean, which is the value.
  const samples: CountedSamples = { time, form: 'explicit', count: weight, sum, min: value, max: value }
  requireSound(samples)
  return samples
}

function hand({ series, time, value, samples }: Reading, events: Events): void {
  if (samples) events.histogram(series, samples)
  else events.point(series, time, value)
}

function numberIn(text: string): number {
  const value = numberOf(text)
  if (Number.isNaN(value))
    throw new BadRecordError('unparseable', `the value “${text.slice(0, 40)}” is not a number`)
  return value
}
