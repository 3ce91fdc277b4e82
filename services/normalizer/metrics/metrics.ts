import type { BucketCounts } from '../../../shared/observability/bucket-counts.ts'
import type { Counter, Metrics } from '../../../shared/observability/metrics.ts'
import { delayBounds } from './delays.ts'

type ByFormat = Counter<'topic' | 'format'>
type ByReason = Counter<'topic' | 'format' | 'reason'>

/** What is counted of raw records, by topic and format. Both are of the configuration and of the code: nobody outside can add to them. */
export interface NormalizerMetrics {
  readonly messages: ByFormat
  readonly bytes: ByFormat
  readonly points: ByFormat
  readonly logs: ByFormat
  readonly spans: ByFormat
  readonly refusedRecords: ByReason
  readonly refusedParts: ByReason
  readonly skippedFields: ByFormat
  readonly droppedByRules: ByFormat
  readonly overflowingValues: ByFormat
  readonly duplicates: ByFormat
  readonly duplicateWindowCuts: Counter<'topic'>
  readonly delay: BucketCounts<'topic' | 'format'>
}

export function normalizerMetrics(metrics: Metrics): NormalizerMetrics {
  const labels = ['topic', 'format'] as const
  const counter = (name: string, help: string) =>
    metrics.counter({ name: `normalizer_${name}_total`, help, labels })
  const byReason = (name: string, help: string) =>
    metrics.counter({ name: `normalizer_${name}_total`, help, labels: [...labels, 'reason'] })
  return {
    messages: counter('messages', 'Raw records read.'),
    bytes: counter('bytes', 'Bytes of raw records read.'),
    points: counter('points', 'Points made.'),
    logs: counter('logs', 'Log events made.'),
    spans: counter('spans', 'Spans made.'),
    refusedRecords: byReason('refused_records', 'Raw records refused as a whole.'),
    refusedParts: byReason('refused_parts', 'Lines or elements refused inside records.'),
    skippedFields: counter('skipped_fields', 'Fields of metrics passed over because they are no numbers.'),
    droppedByRules: counter(
      'dropped_by_rules',
      'Points and log events that rules of the configuration have dropped.',
    ),
    overflowingValues: counter(
      'derived_overflow',
      'Values of tags of derived points that became _OTHER because there were too many.',
    ),
    duplicates: counter(
      'duplicates',
      'Points, log events, spans and whole records left out because they came before.',
    ),
    duplicateWindowCuts: metrics.counter({
      name: 'normalizer_duplicate_window_cuts_total',
      help: 'How often maxEntries was met before windowMs was over, and older things were forgotten early.',
      labels: ['topic'],
    }),
    delay: metrics.bucketCounts({
      name: 'normalizer_delay_seconds',
      help: 'From when events with a time of their own happened until the broker took them.',
      labels,
      buckets: delayBounds,
    }),
  }
}
