import type { Counter, Metrics } from '../../shared/observability/metrics.ts'

export interface NormalizerMetrics {
  readonly messages: Counter<'topic' | 'format'>
  readonly bytes: Counter<'topic' | 'format'>
  readonly points: Counter<'format'>
  readonly logs: Counter<'format'>
  readonly spans: Counter<'format'>
  readonly refusedParts: Counter<'format'>
  readonly skippedFields: Counter<'format'>
  readonly droppedByRules: Counter<'format'>
  readonly overflowingValues: Counter<'format'>
  readonly duplicates: Counter<'topic' | 'format'>
  readonly duplicateWindowCuts: Counter<'topic'>
}

export function normalizerMetrics(metrics: Metrics): NormalizerMetrics {
  const labels = ['topic', 'format'] as const
  return {
    messages: metrics.counter({ name: 'normalizer_messages_total', help: 'Raw records read.', labels }),
    bytes: metrics.counter({ name: 'normalizer_bytes_total', help: 'Bytes of raw records read.', labels }),
    points: metrics.counter({ name: 'normalizer_points_total', help: 'Points made.', labels: ['format'] }),
    logs: metrics.counter({ name: 'normalizer_logs_total', help: 'Log events made.', labels: ['format'] }),
    spans: metrics.counter({ name: 'normalizer_spans_total', help: 'Spans made.', labels: ['format'] }),
    refusedParts: metrics.counter({
      name: 'normalizer_refused_parts_total',
      help: 'Lines or elements refused inside records.',
      labels: ['format'],
    }),
    skippedFields: metrics.counter({
      name: 'normalizer_skipped_fields_total',
      help: 'Fields of metrics passed over because they are no numbers.',
      labels: ['format'],
    }),
    droppedByRules: metrics.counter({
      name: 'normalizer_dropped_by_rules_total',
      help: 'Points and log events that rules of the configuration have dropped.',
      labels: ['format'],
    }),
    overflowingValues: metrics.counter({
      name: 'normalizer_derived_overflow_total',
      help: 'Values of tags of derived points that became _OTHER because there were too many.',
      labels: ['format'],
    }),
    duplicates: metrics.counter({
      name: 'normalizer_duplicates_total',
      help: 'Points, log events, spans and whole records left out because they came before.',
      labels,
    }),
    duplicateWindowCuts: metrics.counter({
      name: 'normalizer_duplicate_window_cuts_total',
      help: 'How often maxEntries was met before windowMs was over, and older things were forgotten early.',
      labels: ['topic'],
    }),
  }
}

/** What was found in one record. */
interface RecordTally {
  readonly pointsTaken: number
  readonly logs: number
  readonly spans: number
  readonly refusedParts: number
  readonly skippedFields: number
  readonly droppedByRules: number
  readonly overflowingValues: number
  readonly duplicates: number
}

const nothing = {
  messages: 0,
  bytes: 0,
  points: 0,
  logs: 0,
  spans: 0,
  refusedParts: 0,
  skippedFields: 0,
  droppedByRules: 0,
  overflowingValues: 0,
  duplicates: 0,
}
const byTopic = ['messages', 'bytes', 'duplicates'] as const
const byFormat = [
  'points',
  'logs',
  'spans',
  'refusedParts',
  'skippedFields',
  'droppedByRules',
  'overflowingValues',
] as const

/**
 * What came of the records of one format, counted by hand from report to report: to find a metric by its labels costs
 * as much as to read a small record.
 */
export class FormatTally {
  #counts = { ...nothing }

  /** One record more. */
  add(bytes: number, found: RecordTally): void {
    const counts = this.#counts
    counts.messages++
    counts.bytes += bytes
    counts.points += found.pointsTaken
    counts.logs += found.logs
    counts.spans += found.spans
    counts.refusedParts += found.refusedParts
    counts.skippedFields += found.skippedFields
    counts.droppedByRules += found.droppedByRules
    counts.overflowingValues += found.overflowingValues
    counts.duplicates += found.duplicates
  }

  /** Log events that were finished after their records. */
  addLogs(count: number): void {
    this.#counts.logs += count
  }

  report(metrics: NormalizerMetrics, topic: string, format: string): void {
    const counts = this.#counts
    this.#counts = { ...nothing }
    for (const name of byTopic) if (counts[name] > 0) metrics[name].inc({ topic, format }, counts[name])
    for (const name of byFormat) if (counts[name] > 0) metrics[name].inc({ format }, counts[name])
  }
}
