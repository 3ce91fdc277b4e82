import type { Counter, Gauge, Histogram, Metrics } from '../../shared/observability/metrics.ts'
import type { SketchStore } from '../../shared/sketch/sketch-store.ts'
import type { TaskContext } from '../../shared/stream/task.ts'
import type { WindowEngine } from './windows/window-engine.ts'

type Place = 'topic' | 'partition'

export interface AggregatorMetrics {
  readonly points: Counter
  readonly windows: Counter
  readonly revisions: Counter
  readonly late: Counter
  readonly latePartials: Counter
  readonly early: Counter
  readonly overflowed: Counter<'limit'>
  readonly overflowDropped: Counter
  readonly otherKind: Counter<'topic'>
  readonly openPanes: Gauge<Place>
  readonly openWindows: Gauge<Place>
  readonly windowBytes: Gauge<Place>
  readonly series: Gauge<Place>
  readonly watermark: Gauge<Place>
  readonly watermarkDelay: Gauge<Place>
  readonly clockSkew: Gauge<Place>
  readonly disorder: Histogram
  readonly idleClosings: Counter
  readonly sourcesIdle: Gauge<Place>
  readonly sourcesIdled: Counter
  readonly sourcesBehind: Gauge<Place>
  readonly sourcesAbandoned: Counter
}

const labels = ['topic', 'partition'] as const

export function aggregatorMetrics(metrics: Metrics): AggregatorMetrics {
  const counter = (name: string, help: string) => metrics.counter({ name, help })
  const gauge = (name: string, help: string) => metrics.gauge({ name, help, labels })
  return {
    points: counter('aggregator_points_total', 'Points read, late ones among them.'),
    windows: counter('aggregator_windows_total', 'Windows emitted, revisions among them.'),
    revisions: counter('aggregator_revisions_total', 'Windows emitted again because of late points.'),
    late: counter(
      'aggregator_late_points_total',
      'Points too late for any revision, sent to the late topic.',
    ),
    latePartials: counter(
      'aggregator_late_partials_total',
      'Parts of roll-ups and ratios too late for any revision, left out.',
    ),
    early: counter(
      'aggregator_early_points_total',
      'Points too far ahead of the broker’s clock, sent to the dead-letter topic.',
    ),
    overflowed: metrics.counter({
      name: 'aggregator_overflowed_series_total',
      help: 'Series in a record that are counted as overflow, by the limit that they would break.',
      labels: ['limit'],
    }),
    overflowDropped: counter(
      'aggregator_overflow_dropped_total',
      'Series in a record that are beyond a limit and left out: cumulative ones of which no more can be remembered, and metrics of which none is kept.',
    ),
    otherKind: metrics.counter({
      name: 'aggregator_other_kind_total',
      help: 'Series in a record of points that came with another kind than they are known by, and parts of roll-ups that were left out for it.',
      labels: ['topic'],
    }),
    openPanes: gauge('aggregator_open_panes', 'Window starts that still take points.'),
    openWindows: gauge('aggregator_open_windows', 'Windows of all lengths that still take points.'),
    windowBytes: gauge('aggregator_window_bytes', 'Memory of their sketches.'),
    series: gauge('aggregator_series', 'Series that are remembered.'),
    watermark: gauge(
      'aggregator_watermark_seconds',
      'Event time before which no more points are expected, since 1970.',
    ),
    disorder: metrics.histogram({
      name: 'aggregator_disorder_seconds',
      help: 'Of each record with points from before the latest event that its source had shown: how far the earliest lies before it.',
      buckets: [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1_800],
    }),
    idleClosings: counter(
      'aggregator_idle_closings_total',
      'Times that all open windows of a partition were closed because nobody wrote.',
    ),
    sourcesIdle: gauge(
      'aggregator_sources_idle',
      'Sources that windows do not wait for, because they are silent and have been read to their ends.',
    ),
    sourcesIdled: counter(
      'aggregator_sources_idled_total',
      'Times that windows no longer waited for a source because it was idle.',
    ),
    sourcesBehind: gauge(
      'aggregator_sources_behind',
      'Silent sources that windows wait for, because they have not been read to their ends.',
    ),
    sourcesAbandoned: counter(
      'aggregator_sources_abandoned_total',
      'Times that windows no longer waited for a silent source that had not been read to its end.',
    ),
    watermarkDelay: gauge('aggregator_watermark_delay_seconds', 'Wall time less watermark.'),
    clockSkew: gauge(
      'aggregator_clock_skew_seconds',
      'Latest event of a raw partition’s last batch, less the broker’s time: above 0 for clocks that run ahead.',
    ),
  }
}

/** What a task holds now, and has emitted since the last call. */
export function reportWindows(
  metrics: AggregatorMetrics,
  { topic, partition, now }: TaskContext,
  engine: WindowEngine,
  sketches: SketchStore,
): void {
  const place = { topic, partition }
  const { emitted, revisions } = engine.takeCounts()
  metrics.windows.inc(emitted)
  metrics.revisions.inc(revisions)
  metrics.openPanes.set(place, engine.panes.count)
  metrics.openWindows.set(place, sketches.size)
  metrics.windowBytes.set(place, sketches.bytes)
  metrics.series.set(place, engine.series.size)
  if (engine.watermark === -Infinity) return
  metrics.watermark.set(place, engine.watermark / 1_000)
  metrics.watermarkDelay.set(place, (now() - engine.watermark) / 1_000)
}

/** The partition is another worker's now, who tells of it. */
export function forgetPlace(metrics: AggregatorMetrics, { topic, partition }: TaskContext): void {
  for (const gauge of [
    metrics.openPanes,
    metrics.openWindows,
    metrics.windowBytes,
    metrics.series,
    metrics.watermark,
    metrics.watermarkDelay,
    metrics.sourcesIdle,
    metrics.sourcesBehind,
  ])
    gauge.remove({ topic, partition })
}
