import type { RejectionReason } from '../../../shared/errors.ts'
import { Delays } from './delays.ts'
import type { NormalizerMetrics } from './metrics.ts'

/** What was found in one record. */
export interface RecordTally {
  readonly pointsTaken: number
  readonly logs: number
  readonly spans: number
  readonly skippedFields: number
  readonly droppedByRules: number
  readonly overflowingValues: number
  readonly duplicates: number
  readonly refusedParts: number
  readonly refusedBy: ReadonlyMap<RejectionReason, number>
}

const nothing = {
  messages: 0,
  bytes: 0,
  points: 0,
  logs: 0,
  spans: 0,
  skippedFields: 0,
  droppedByRules: 0,
  overflowingValues: 0,
  duplicates: 0,
}
const names = Object.keys(nothing) as (keyof typeof nothing)[]

/**
 * What came of the records of one format, counted by hand from report to report: to find a metric by its labels costs
 * as much as to read a small record.
 */
export class FormatTally {
  readonly delays = new Delays()
  #counts = { ...nothing }
  readonly #refusedParts = new Map<RejectionReason, number>()
  readonly #refusedRecords = new Map<RejectionReason, number>()

  /** One record more. */
  add(bytes: number, found: RecordTally): void {
    const counts = this.#counts
    counts.messages++
    counts.bytes += bytes
    counts.points += found.pointsTaken
    counts.logs += found.logs
    counts.spans += found.spans
    counts.skippedFields += found.skippedFields
    counts.droppedByRules += found.droppedByRules
    counts.overflowingValues += found.overflowingValues
    counts.duplicates += found.duplicates
    if (found.refusedParts === 0) return
    for (const [reason, count] of found.refusedBy) raise(this.#refusedParts, reason, count)
  }

  /** A record was refused as a whole, or from some place on. */
  refuse(bytes: number, reason: RejectionReason): void {
    this.#counts.messages++
    this.#counts.bytes += bytes
    raise(this.#refusedRecords, reason, 1)
  }

  /** Log events that were finished after their records. */
  addLogs(count: number): void {
    this.#counts.logs += count
  }

  /** Hands on what was counted since the last report. */
  report(metrics: NormalizerMetrics, topic: string, format: string): void {
    const counts = this.#counts
    if (counts.messages + counts.logs === 0) return
    this.#counts = { ...nothing }
    const labels = { topic, format }
    for (const name of names) if (counts[name] > 0) metrics[name].inc(labels, counts[name])
    for (const [reason, count] of this.#refusedParts) metrics.refusedParts.inc({ ...labels, reason }, count)
    for (const [reason, count] of this.#refusedRecords)
      metrics.refusedRecords.inc({ ...labels, reason }, count)
    this.#refusedParts.clear()
    this.#refusedRecords.clear()
    metrics.delay.add(labels, this.delays.counts, this.delays.sumMs / 1_000)
    this.delays.clear()
  }
}

/** Adds to what was counted under that reason. */
export function raise(counts: Map<RejectionReason, number>, reason: RejectionReason, count: number): void {
  counts.set(reason, (counts.get(reason) ?? 0) + count)
}
