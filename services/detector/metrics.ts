import type { Counter, Gauge, Metrics } from '../../shared/observability/metrics.ts'
import type { TopicPartition } from '../../shared/stream/task.ts'

export interface DetectorMetrics {
  readonly windows: Counter
  readonly revised: Counter
  readonly late: Counter
  readonly unusable: Counter
  readonly anomalies: Counter<'kind' | 'statistic'>
  readonly withdrawn: Counter<'statistic'>
  readonly incidents: Counter<'severity'>
  readonly leftOut: Counter
  readonly markers: Counter<'kind'>
  readonly knownMarkers: Gauge<'topic' | 'partition'>
  readonly remarked: Counter<'kind'>
  readonly afterDeploy: Counter
  readonly peersLeftOut: Counter
  readonly series: Gauge<'topic' | 'partition'>
}

export function detectorMetrics(metrics: Metrics): DetectorMetrics {
  return {
    windows: metrics.counter({ name: 'detector_windows_total', help: 'Windows read.' }),
    revised: metrics.counter({
      name: 'detector_revised_windows_total',
      help: 'Windows that were judged anew, because they were revised or came late.',
    }),
    late: metrics.counter({
      name: 'detector_late_windows_total',
      help: 'Windows that came, or were revised, too late to be judged anew.',
    }),
    unusable: metrics.counter({
      name: 'detector_unusable_windows_total',
      help: 'Values of windows that were left out because they were not finite numbers though the window has samples.',
    }),
    anomalies: metrics.counter({
      name: 'detector_anomalies_total',
      help: 'Anomalies found.',
      labels: ['kind', 'statistic'],
    }),
    withdrawn: metrics.counter({
      name: 'detector_withdrawn_anomalies_total',
      help: 'Anomalies that were withdrawn because of late data.',
      labels: ['statistic'],
    }),
    incidents: metrics.counter({
      name: 'detector_incidents_total',
      help: 'Incidents of several series, by their severity when they were first told.',
      labels: ['severity'],
    }),
    leftOut: metrics.counter({
      name: 'detector_incident_members_left_out_total',
      help: 'Anomalies that an incident has not taken because it has 20,000 of them.',
    }),
    markers: metrics.counter({
      name: 'detector_markers_total',
      help: 'Markers read, by kind.',
      labels: ['kind'],
    }),
    knownMarkers: metrics.gauge({
      name: 'detector_known_markers',
      help: 'Markers that a partition keeps. One about many series is kept in each.',
      labels: ['topic', 'partition'],
    }),
    remarked: metrics.counter({
      name: 'detector_marked_series_total',
      help: 'Series of which windows were judged anew because of a marker, by its kind.',
      labels: ['kind'],
    }),
    afterDeploy: metrics.counter({
      name: 'detector_anomalies_after_deploy_total',
      help: 'Anomalies that began shortly after a deploy of their series.',
    }),
    peersLeftOut: metrics.counter({
      name: 'detector_peer_windows_left_out_total',
      help: 'Windows that were compared with none because their group has 2,000 members already, or their entity 16 fields.',
    }),
    series: metrics.gauge({
      name: 'detector_series',
      help: 'Series that are watched.',
      labels: ['topic', 'partition'],
    }),
  }
}

/** The partition is not here any more. */
export function forgetPlace(
  { series, knownMarkers }: DetectorMetrics,
  { topic, partition }: TopicPartition,
): void {
  series.remove({ topic, partition })
  knownMarkers.remove({ topic, partition })
}
