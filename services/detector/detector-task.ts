import type {
  Anomaly,
  Deploy,
  Marker,
  MarkerState,
  Series,
  ToldEpisode,
  WatchState,
  Window,
  WindowBatch,
  WindowStep,
} from '../../shared/avro/types.ts'
import { markerFlaw } from '../../shared/markers/marker-flaw.ts'
import { keyOf } from '../../shared/series/known-series.ts'
import { seriesPartition } from '../../shared/series/series.ts'
import { discarded } from '../../shared/stream/output-buffer.ts'
import type {
  EventTime,
  Output,
  ResumePoint,
  StreamRecord,
  Task,
  TaskContext,
} from '../../shared/stream/task.ts'
import type { Topics } from '../../shared/stream/topic.ts'
import type { DetectorConfig } from './config.ts'
import { entityRules } from './entities/rules.ts'
import { anomalyOf } from './episodes/anomaly.ts'
import { Expectations } from './expectations.ts'
import { findingOf } from './incidents/finding.ts'
import { scopeOf, scopePartition } from './incidents/scope.ts'
import { deployShare } from './markers/deploy-share.ts'
import { MarkerBook } from './markers/marker-book.ts'
import { markerForm, readMarkerKey } from './markers/store-form.ts'
import { type DetectorMetrics, detectorMetrics, forgetPlace } from './metrics.ts'
import { seriesDetectors } from './models/registry.ts'
import { peerRules } from './peers/rules.ts'
import { PeerSender } from './peers/sender.ts'
import { markerKeepMs, readBackMs } from './retention.ts'
import type { Verdict } from './series-detector.ts'
import { Unsaved } from './unsaved.ts'
import type { SeriesWatch } from './watch/series-watch.ts'
import { readState, readStateKey, type WatchPlace, writeState } from './watch/store-form.ts'
import { keyOfWatch, Watches } from './watch/watches.ts'
import { type SourceClock, WindowSources } from './window-sources.ts'

/**
 * Shows each window to the watches of its series and emits what they have to tell. What a series is known by is stored
 * each time its base moves; after a restart that is read back, and then the log from the first window on that is not in it.
 */
export class DetectorTask implements Task<WindowBatch> {
  readonly #config: DetectorConfig
  readonly #topics: Topics
  readonly #context: TaskContext
  readonly #metrics: DetectorMetrics
  readonly #markers: MarkerBook
  readonly #watches: Watches
  readonly #sources: WindowSources
  readonly #expectations: Expectations
  /** Undefined when nothing is looked at together. */
  readonly #peers: PeerSender | undefined
  readonly #restored = new Map<string, { readonly place: WatchPlace; readonly state: WatchState }>()
  readonly #restoredMarkers = new Map<number, MarkerState>()
  readonly #unsaved = new Unsaved<SeriesWatch>()
  /** Those whose base has moved in this record. */
  readonly #toStore = new Set<SeriesWatch>()
  readonly #toTell = new Set<SeriesWatch>()
  #hasToldOfUnusable = false
  /** How far event time has come. */
  #latest: EventTime
  #lastOffset: number | undefined
  /** Where the record that is worked on can be read again. */
  #here: ResumePoint = { offset: 0, memo: '' }
  #out: Output = discarded

  /** Throws RangeError when the memo is damaged. */
  constructor(config: DetectorConfig, topics: Topics, context: TaskContext, memo?: string) {
    this.#config = config
    this.#topics = topics
    this.#context = context
    this.#metrics = detectorMetrics(context.metrics)
    const [latest, sources] = (memo ?? '').split('|')
    this.#latest = readLatest(latest)
    this.#sources = new WindowSources(sources)
    const kind = seriesDetectors.find(({ name }) => name === config.model)!
    this.#markers = new MarkerBook((marker) => markerKeepMs(config, marker))
    this.#watches = new Watches(config, kind, this.#markers, {
      tell: (watch, told, time) => this.#tell(watch, told, time),
      ...(config.bands && {
        judged: (watch, time, verdict, isCorrection) => this.#expect(watch, time, verdict, isCorrection),
      }),
    })
    this.#expectations = new Expectations(topics.expectations, context.partitionsOf(topics.expectations))
    const rules = [peerRules(config.peers), entityRules(config.entities)].filter(({ isEmpty }) => !isEmpty)
    this.#peers = rules.length === 0 ? undefined : new PeerSender(rules, topics, context)
  }

  process(batch: readonly StreamRecord<WindowBatch>[], out: Output): void {
    if (batch.length > 0) this.#takeRestored(batch[0]!.offset)
    this.#out = out
    for (const record of batch) {
      const flaw = flawOf(record)
      if (flaw) out.reject(record, 'malformed_batch', flaw)
      else this.#take(record, out)
      this.#lastOffset = record.offset
    }
    const { topic, partition } = this.#context
    this.#metrics.series.set({ topic, partition }, this.#watches.size)
    this.#metrics.knownMarkers.set({ topic, partition }, this.#markers.size)
  }

  restore(key: string, value: Uint8Array | null): void {
    const markerAt = readMarkerKey(key)
    if (markerAt !== undefined) {
      this.#restoredMarkers.delete(markerAt)
      if (value) this.#restoredMarkers.set(markerAt, markerForm.decode(value))
      return
    }
    const place = readStateKey(key)
    const state = value && readState(value, place, this.#watches.kind)
    if (state) this.#restored.set(key, { place, state })
    else this.#restored.delete(key)
  }

  close(): void {
    forgetPlace(this.#metrics, this.#context)
  }

  resumePoint(): ResumePoint | undefined {
    if (this.#lastOffset === undefined) return undefined
    return this.#unsaved.resumePoint ?? { offset: this.#lastOffset + 1, memo: this.#memo() }
  }

  #memo(): string {
    const latest = this.#latest === -Infinity ? '' : this.#latest.toString(36)
    return `${latest}|${this.#sources.memo()}`
  }

  /** Before the record at `next` is read, the first one. */
  #takeRestored(next: number): void {
    if (this.#restoredMarkers.size > 0) this.#markers.restore(this.#restoredMarkers.values())
    this.#restoredMarkers.clear()
    for (const { place, state } of this.#restored.values()) {
      const source = state.source === null ? undefined : this.#sources.named(state.source)
      this.#watches.restore(place, state, source, next)
    }
    this.#restored.clear()
  }

  #take(record: StreamRecord<WindowBatch>, out: Output): void {
    const { offset, value, timestamp } = record
    this.#here = { offset, memo: this.#memo() }
    const before = this.#latest
    const source = value.source ? this.#sources.of(value.source) : undefined
    for (const window of value.windows) {
      this.#show(window, source, offset, value.source?.step)
      this.#latest = Math.max(this.#latest, window.start)
    }
    this.#metrics.windows.inc(value.windows.length)
    const watermark = value.source?.watermark ?? null
    const step = value.source?.step ?? 'points'
    const told = this.#sources.watermarkOf(step)
    if (source && watermark !== null) this.#moveTo(watermark, source, offset)
    const tells = this.#sources.watermarkOf(step)
    this.#peers?.flush({ step, watermark: tells > told ? tells : null, timestamp }, out)
    if (value.marker) this.#mark(value.marker, record, out)
    for (const watch of this.#toTell) watch.tellNews()
    this.#toTell.clear()
    this.#expectations.flush(out)
    // While the log is read again nothing can be stored: it stays unsaved.
    if (!out.isDiscarded) this.#storeChanged(offset, out)
    const turn = (time: EventTime) => Math.floor(time / this.#config.stateIntervalMs)
    if (turn(this.#latest) !== turn(before)) {
      this.#forgetIdle(offset, out)
      this.#forgetMarkers(offset, out)
    }
    if (out.isDiscarded) return
    this.#markers.save(out)
    if (this.#markers.size > mostMarkers) this.#forgetGone(offset, out)
  }

  /** From here on it is known in this partition. */
  #mark(marker: Marker, record: StreamRecord<WindowBatch>, out: Output): void {
    const { offset } = record
    const { markers, refusal } = this.#markers.take(marker, offset)
    if (refusal !== undefined) out.reject(record, 'too_many_markers', refusal)
    for (const changed of markers) {
      // A deploy changes nothing but what is said of anomalies.
      if (changed.kind === 'deploy') continue
      for (const watch of this.#watches.concernedBy(changed)) {
        if (offset <= watch.knownUpTo) continue
        const known = this.#watches.markersOf(watch, offset)
        const isJudged = watch.remark(known, changed.from, changed.to ?? Infinity)
        const isForgotten = changed === marker && marker.kind === 'real' && watch.forget(changed.from)
        if (!isJudged && !isForgotten) continue
        this.#metrics.remarked.inc({ kind: changed.kind })
        this.#changed(watch)
      }
    }
  }

  /** So many that were replaced or taken back lately are a flood: the log need not be read again from before them. */
  #forgetGone(offset: number, out: Output): void {
    for (const watch of [...this.#unsaved.waitingSince(Infinity)]) this.#store(watch, offset, out)
    this.#markers.forgetBefore(offset, out)
  }

  #forgetMarkers(offset: number, out: Output): void {
    if (this.#markers.size === 0) return
    if (this.#markers.expire(this.#latest, offset))
      for (const watch of this.#watches.all())
        if (offset > watch.knownUpTo) watch.know(this.#watches.markersOf(watch, offset))
    if (!out.isDiscarded) this.#markers.forgetBefore(this.#unsaved.resumePoint?.offset ?? offset, out)
  }

  /** All windows of this source up to the watermark have been told: what is not there by now is missing. */
  #moveTo(watermark: EventTime, source: SourceClock, offset: number): void {
    const before = source.watermark
    if (watermark <= before) return
    source.watermark = watermark
    this.#latest = Math.max(this.#latest, watermark)
    if (before === -Infinity) return
    for (const watch of this.#watches.silent(source, before))
      if (offset > watch.knownUpTo && watch.beSilent(watermark)) this.#changed(watch)
  }

  #show(window: Window, source: SourceClock | undefined, offset: number, step: WindowStep = 'points'): void {
    const { series, start, sizeMs, stepMs } = window
    const level = this.#watches.levelOf(sizeMs)
    const isTumbling = stepMs === 0 || stepMs === sizeMs
    if (level < 0 || !isTumbling) return
    const { statistics } = this.#config
    for (let i = 0; i < statistics.length; i++) {
      const value = window[statistics[i]!]
      // A ratio has no samples, only a mean; neither has a window that a revision has left without any.
      const shown = Number.isFinite(value) ? value : Number.NaN
      if (Number.isNaN(shown) && window.count > 0) this.#tellUnusable(window, statistics[i]!, offset)
      const watch =
        this.#watches.find(series, level, i) ??
        (Number.isNaN(shown) ? undefined : this.#watches.add(series, level, i, { time: start, offset }))
      if (!watch || offset <= watch.knownUpTo) continue
      // In maintenance it is nobody's sibling.
      if (!this.#out.isDiscarded && !watch.isFree(start))
        this.#peers?.add(watch.series, { statistic: watch.statistic, sizeMs, step }, start, shown)
      watch.source = source
      const outcome = watch.observe(start, shown)
      if (outcome === 'late') this.#metrics.late.inc()
      if (outcome === 'revised') this.#metrics.revised.inc()
      if (outcome === 'judged' || outcome === 'revised') this.#changed(watch)
    }
  }

  /** Samples whose sum is beyond all numbers, or a writer that is not an aggregator. */
  #tellUnusable({ series, start }: Window, statistic: string, offset: number): void {
    this.#metrics.unusable.inc()
    if (this.#hasToldOfUnusable) return
    this.#hasToldOfUnusable = true
    const { topic, partition, log } = this.#context
    log.warn(
      { topic, partition, offset, series: keyOf(series), statistic, windowStart: start },
      'a window is left out, for its value is no finite number; more like it are only counted, in tidemark_detector_unusable_windows_total',
    )
  }

  #changed(watch: SeriesWatch): void {
    this.#unsaved.add(watch, this.#here, Math.max(this.#latest, watch.lastTime))
    if (watch.hasNews) this.#toTell.add(watch)
    if (!watch.hasNewBase) return
    watch.hasNewBase = false
    this.#toStore.add(watch)
  }

  /** Those whose base has moved, and those that have waited too long for that, as they are. */
  #storeChanged(offset: number, out: Output): void {
    for (const watch of this.#toStore) this.#store(watch, offset, out)
    this.#toStore.clear()
    const tooLongAgo = this.#latest - readBackMs(this.#config)
    for (const watch of this.#unsaved.waitingSince(tooLongAgo)) this.#store(watch, offset, out)
  }

  #store(watch: SeriesWatch, offset: number, out: Output): void {
    out.keep(keyOfWatch(watch), writeState(watch.state(offset)))
    this.#unsaved.delete(watch)
  }

  #forgetIdle(offset: number, out: Output): void {
    const since = this.#latest - this.#config.forgetMs
    const idle = [...this.#watches.all()]
      // One that was left without any window, as a revision may do, is idle too.
      .filter((watch) => !(watch.lastTime >= since) && offset > watch.knownUpTo)
      .map((watch) => ({ watch, key: keyOfWatch(watch) }))
    // In an order that does not depend on which series was restored, and which came back with the log.
    for (const { watch, key } of idle.sort((a, b) => (a.key < b.key ? -1 : 1))) {
      watch.end(this.#latest)
      this.#watches.delete(watch)
      this.#unsaved.delete(watch)
      this.#toStore.delete(watch)
      out.keep(key, null)
    }
  }

  /** Nothing is expected of a series that is not known yet. */
  #expect(watch: SeriesWatch, windowStart: EventTime, verdict: Verdict, isCorrection: boolean): void {
    const { expected, lower, upper, score, likelihood } = verdict
    if (this.#out.isDiscarded || !Number.isFinite(expected)) return
    const { series, statistic, settings } = watch
    this.#expectations.add({
      series,
      windowStart,
      windowSizeMs: settings.sizeMs,
      statistic,
      expected,
      lower,
      upper,
      score,
      likelihood,
      isCorrection,
    })
  }

  #tell({ series, statistic, settings }: SeriesWatch, told: ToldEpisode, time: EventTime): void {
    const { kind } = this.#watches
    if (told.revision === 0) this.#metrics.anomalies.inc({ kind: told.episode.peak.kind, statistic })
    if (told.state === 'withdrawn') this.#metrics.withdrawn.inc({ statistic })
    if (this.#out.isDiscarded) return
    const deploy = this.#deployOf(series, told.episode.start, settings.sizeMs)
    if (deploy && told.revision === 0) this.#metrics.afterDeploy.inc()
    const finding = { series, statistic, sizeMs: settings.sizeMs, rarities: this.#config, kind }
    const { anomalies } = this.#topics
    const partition = seriesPartition(keyOf(series), this.#context.partitionsOf(anomalies))
    const anomaly = anomalyOf(finding, told, time, deploy)
    this.#out.send(anomalies, partition, anomaly)
    this.#tellOfAll(anomaly)
  }

  /** The latest one of this series, if it is the one shortly after which the window at `start` came. */
  #deployOf(series: Series, start: EventTime, sizeMs: number): Deploy | null {
    const after = start - this.#config.deployWindows * sizeMs - 1
    const marker = this.#markers.deployOf(series, after, start + sizeMs - 1, this.#here.offset)
    if (!marker) return null
    const share = deployShare(marker, series, this.#watches.census)
    return { id: marker.id, at: marker.from, text: marker.text, share }
  }

  /** For the incidents of several series. */
  #tellOfAll(anomaly: Anomaly): void {
    const { series } = anomaly
    const { findings } = this.#topics
    const { census } = this.#watches
    const scope = scopeOf(series, this.#config.incidentScope)
    const shares = { metricShare: census.metricShare(series), tagShares: census.tagShares(series) }
    const finding = findingOf(anomaly, shares)
    this.#out.send(findings, scopePartition(scope, this.#context.partitionsOf(findings)), finding)
  }
}

/** Twice as many as can count at the same time. */
const mostMarkers = 42_000

function readLatest(text: string | undefined): EventTime {
  if (!text) return -Infinity
  if (!/^-?[0-9a-z]{1,11}$/.test(text)) throw new RangeError('it is not the detector’s')
  return Number.parseInt(text, 36)
}

/** The last moment that a date can name, milliseconds. */
const maxTime = 8.64e15

/** What is wrong with a batch that neither an aggregator nor a marker task writes. */
function flawOf({ value: { windows, marker }, timestamp }: StreamRecord<WindowBatch>): string | undefined {
  for (const { start, sizeMs } of windows)
    if (Math.abs(start) + sizeMs > maxTime || sizeMs < 1)
      return `a window of ${sizeMs} ms that starts at ${start} is at no time that there is`
  return marker ? markerFlaw(marker, timestamp) : undefined
}
