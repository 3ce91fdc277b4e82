import type { Counter } from '../../../shared/observability/metrics.ts'
import type { EventTime, TaskContext } from '../../../shared/stream/task.ts'
import type { Tenant } from './tenant.ts'

/** A tenant that goes on being parked is told of in the log so seldom, by the log's own time. */
const tellEveryMs = 60_000

/** What one label has used and what of it was parked, since the last report. */
interface Tally {
  points: number
  bytes: number
  readonly parked: Map<string, { records: number; points: number; readonly example: string }>
  toldAt: EventTime
}

interface TenantMetrics {
  readonly points: Counter<'tenant'>
  readonly bytes: Counter<'tenant'>
  readonly parkedRecords: Counter<'tenant' | 'reason'>
  readonly parkedPoints: Counter<'tenant' | 'reason'>
}

/** Counts by tenant, in as many labels as the configuration names, and tells the log who is parked. */
export class TenantTallies {
  readonly #context: TaskContext
  readonly #metrics: TenantMetrics
  readonly #tallies = new Map<string, Tally>()

  constructor(context: TaskContext) {
    const { metrics } = context
    this.#context = context
    this.#metrics = {
      points: metrics.counter({
        name: 'normalizer_tenant_points_total',
        help: 'Points taken, by tenant.',
        labels: ['tenant'],
      }),
      bytes: metrics.counter({
        name: 'normalizer_tenant_bytes_total',
        help: 'Bytes of raw records taken, by tenant.',
        labels: ['tenant'],
      }),
      parkedRecords: metrics.counter({
        name: 'normalizer_parked_records_total',
        help: 'Raw records sent to the parking topic, whole or in part, by tenant and reason.',
        labels: ['tenant', 'reason'],
      }),
      parkedPoints: metrics.counter({
        name: 'normalizer_parked_points_total',
        help: 'Points in those parts of records that were parked; records parked whole are not read.',
        labels: ['tenant', 'reason'],
      }),
    }
  }

  took({ label }: Tenant, points: number, bytes: number): void {
    const tally = this.#of(label)
    tally.points += points
    tally.bytes += bytes
  }

  /** So many points of a record, 0 for one that was not read; `sentence` says why. */
  parked({ label }: Tenant, reason: string, records: number, points: number, sentence: string): void {
    const { parked } = this.#of(label)
    let sum = parked.get(reason)
    if (!sum) {
      sum = { records: 0, points: 0, example: sentence }
      parked.set(reason, sum)
    }
    sum.records += records
    sum.points += points
  }

  /** `timestamp` is that of the last record. */
  report(timestamp: EventTime): void {
    for (const [tenant, tally] of this.#tallies) {
      if (tally.points > 0) this.#metrics.points.inc({ tenant }, tally.points)
      if (tally.bytes > 0) this.#metrics.bytes.inc({ tenant }, tally.bytes)
      tally.points = 0
      tally.bytes = 0
      for (const [reason, { records, points }] of tally.parked) {
        this.#metrics.parkedRecords.inc({ tenant, reason }, records)
        if (points > 0) this.#metrics.parkedPoints.inc({ tenant, reason }, points)
      }
      this.#tell(tally, timestamp)
      tally.parked.clear()
    }
  }

  #tell(tally: Tally, timestamp: EventTime): void {
    if (tally.parked.size === 0 || timestamp < tally.toldAt + tellEveryMs) return
    tally.toldAt = timestamp
    const { topic, partition, log } = this.#context
    for (const { example } of tally.parked.values())
      log.warn({ topic, partition }, `${example}: what comes beyond it is parked; see tidemark parking list`)
  }

  #of(label: string): Tally {
    let tally = this.#tallies.get(label)
    if (!tally) {
      tally = { points: 0, bytes: 0, parked: new Map(), toldAt: -Infinity }
      this.#tallies.set(label, tally)
    }
    return tally
  }
}
