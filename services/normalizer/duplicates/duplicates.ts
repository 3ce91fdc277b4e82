import type { Span } from '../../../shared/avro/types.ts'
import type { LogEvent } from '../../../shared/logs/placed-log.ts'
import { matches } from '../../../shared/series/pattern.ts'
import type { EventTime, StreamRecord } from '../../../shared/stream/task.ts'
import type { NormalizerConfig } from '../config.ts'
import { Fingerprint } from './fingerprint.ts'
import { ofLog, ofNamedRecord, ofPoint, ofSpan, ofWholeRecord } from './identities.ts'
import { LatestTimes } from './latest-times.ts'
import { PointStage } from './point-stage.ts'
import { RecentPast } from './recent-past.ts'
import type { SeriesIdentity } from './series-identity.ts'

type Settings = NormalizerConfig['duplicates']

/** Undefined when no duplicates are looked for in this topic. */
export function duplicatesIn(
  topic: string,
  { duplicates: settings, cachedSeries }: Pick<NormalizerConfig, 'duplicates' | 'cachedSeries'>,
): Duplicates | undefined {
  const comparesBytes = settings.sameBytesIn.some((pattern) => matches(pattern, topic))
  const isOff = settings.of.length + settings.idHeaders.length === 0 && !comparesBytes
  return isOff ? undefined : new Duplicates(settings, comparesBytes, cachedSeries)
}

/** Tells what came before in the same partition. What it has told of once it knows. */
export class Duplicates {
  readonly #settings: Settings
  readonly #comparesBytes: boolean
  readonly #past: RecentPast
  /** Absent when no points are looked for. */
  readonly #latest: LatestTimes | undefined
  readonly #stage = new PointStage()
  readonly #print = new Fingerprint()
  readonly #ofLogs: boolean
  readonly #ofSpans: boolean

  constructor(settings: Settings, comparesBytes: boolean, cachedSeries: number) {
    this.#settings = settings
    this.#comparesBytes = comparesBytes
    this.#past = new RecentPast(settings)
    if (settings.of.includes('points')) this.#latest = new LatestTimes(cachedSeries)
    this.#ofLogs = settings.of.includes('logs')
    this.#ofSpans = settings.of.includes('spans')
  }

  /** Called for each record of the partition, before what is in it. */
  readFrom(record: StreamRecord<unknown>): void {
    this.#stage.empty(this.#past)
    this.#past.readFrom(record)
  }

  /** See RecentPast. */
  resumeFrom(offset: number): number {
    this.#stage.empty(this.#past)
    return this.#past.resumeFrom(offset)
  }

  /** How often it had to forget before the window was over, since the last call. */
  takeCuts(): number {
    const { cuts } = this.#past
    this.#past.cuts = 0
    return cuts
  }

  record(record: StreamRecord<Buffer | null>): boolean {
    const { idHeaders } = this.#settings
    const named = idHeaders.length > 0 ? ofNamedRecord(record, idHeaders, this.#print) : undefined
    if (named) return this.#holds(named)
    return this.#comparesBytes && this.#holds(ofWholeRecord(record, this.#print))
  }

  point(series: SeriesIdentity, time: EventTime, value: number): boolean {
    if (!this.#latest!.isLater(series, time)) return this.#holds(ofPoint(series, time, value, this.#print))
    if (this.#stage.isFull) this.#stage.empty(this.#past)
    this.#stage.add(series, time, value)
    return false
  }

  log(event: LogEvent): boolean {
    const print = this.#ofLogs ? ofLog(event, this.#print) : undefined
    return print !== undefined && this.#holds(print)
  }

  span(span: Span): boolean {
    return this.#ofSpans && this.#holds(ofSpan(span, this.#print))
  }

  #holds(print: Fingerprint): boolean {
    this.#stage.empty(this.#past)
    return this.#past.holds(print)
  }
}
