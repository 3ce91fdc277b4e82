import { hash } from 'node:crypto'
import type { Anomaly, Window, WindowBatch } from '../../shared/avro/types.ts'
import { seriesKey, seriesPartition } from '../../shared/series/series.ts'
import type { Output, ResumePoint, StreamRecord, Task, TaskContext } from '../../shared/stream/task.ts'
import type { Topics } from '../../shared/stream/topic.ts'
import type { DetectorConfig, Statistic } from './config.ts'
import { type DetectorMetrics, detectorMetrics } from './metrics.ts'
import type { Assessment, Model, ModelKind } from './models/model.ts'
import { models } from './models/registry.ts'
import { RecentLog } from './recent-log.ts'
import { readBackMs } from './retention.ts'

interface WatchedSeries {
  readonly key: string
  readonly models: ReadonlyMap<Statistic, Model>
  lastStart: number
}

/**
 * Shows each window to the models of its series and emits what they find abnormal. State is rebuilt from the log: two
 * baselines back, so that corrections of windows up to one baseline old find what they were judged by.
 */
export class DetectorTask implements Task<WindowBatch> {
  readonly #config: DetectorConfig
  readonly #topics: Topics
  readonly #context: TaskContext
  readonly #metrics: DetectorMetrics
  readonly #kind: ModelKind
  readonly #recent: RecentLog
  readonly #series = new Map<string, WatchedSeries>()
  #forgottenAt = -Infinity

  constructor(config: DetectorConfig, topics: Topics, context: TaskContext, memo?: string) {
    this.#config = config
    this.#topics = topics
    this.#context = context
    this.#metrics = detectorMetrics(context.metrics)
    this.#kind = models.find(({ name }) => name === config.model)!
    this.#recent = new RecentLog(readBackMs(config), memo)
  }

  process(batch: readonly StreamRecord<WindowBatch>[], out: Output): void {
    for (const { offset, value } of batch) {
      for (const window of value.windows) {
        // Too old to be judged by what is still known.
        if (window.start >= this.#recent.latest - this.#config.baselineMs) this.#watch(window, out)
      }
      this.#recent.add(
        offset,
        value.windows.reduce((newest, { start }) => Math.max(newest, start), -Infinity),
      )
      this.#metrics.windows.inc(value.windows.length)
    }
    this.#forgetIdleSeries()
    this.#metrics.series.set(
      { topic: this.#context.topic, partition: this.#context.partition },
      this.#series.size,
    )
  }

  resumePoint(): ResumePoint | undefined {
    return this.#recent.resumePoint()
  }

  #watch(window: Window, out: Output): void {
    const { sizeMs, stepMs } = window
    const isTumbling = stepMs === 0 || stepMs === sizeMs
    if (!isTumbling || !this.#config.windowSizesMs.includes(sizeMs)) return
    const watched = this.#seriesOf(window)
    for (const [statistic, model] of watched.models) {
      const value = window[statistic]
      // A ratio has no samples, only a mean.
      if (!Number.isFinite(value)) continue
      const assessment = model.observe({ time: window.start, value })
      if (assessment && assessment.score >= this.#config.threshold)
        this.#emit(watched, window, statistic, value, assessment, out)
    }
    watched.lastStart = Math.max(watched.lastStart, window.start)
  }

  #seriesOf({ series, sizeMs }: Window): WatchedSeries {
    const key = `${sizeMs}:${seriesKey(series)}`
    let watched = this.#series.get(key)
    if (!watched) {
      watched = {
        key,
        lastStart: -Infinity,
        models: new Map(
          this.#config.statistics.map((statistic) => [statistic, this.#kind.create(this.#config)]),
        ),
      }
      this.#series.set(key, watched)
    }
    return watched
  }

  #emit(
    { key }: WatchedSeries,
    window: Window,
    statistic: Statistic,
    value: number,
    assessment: Assessment,
    out: Output,
  ): void {
    const { series, start, sizeMs, revision } = window
    const anomaly: Anomaly = {
      id: hash('sha1', `${key}:${start}:${statistic}:${this.#kind.name}`, 'base64url'),
      series,
      windowStart: start,
      windowSizeMs: sizeMs,
      revision,
      statistic,
      model: this.#kind.name,
      value,
      score: assessment.score,
      expected: assessment.expected,
      expectedLow: assessment.low,
      expectedHigh: assessment.high,
      direction: value > assessment.expected ? 'above' : 'below',
    }
    this.#metrics.anomalies.inc({ model: this.#kind.name, statistic })
    out.send(
      this.#topics.anomalies,
      seriesPartition(seriesKey(series), this.#context.partitionsOf(this.#topics.anomalies)),
      anomaly,
    )
  }

  /** Once a baseline: series of which nothing came for two would start anew anyway. */
  #forgetIdleSeries(): void {
    const { latest } = this.#recent
    if (latest - this.#forgottenAt < this.#config.baselineMs) return
    this.#forgottenAt = latest
    for (const [key, { lastStart }] of this.#series)
      if (lastStart < latest - 2 * this.#config.baselineMs) this.#series.delete(key)
  }
}
