import type { Finding, IncidentState, Severity, Tag } from '../../../shared/avro/types.ts'
import { keyOf } from '../../../shared/series/known-series.ts'
import type { EventTime } from '../../../shared/stream/task.ts'

const severities: readonly Severity[] = ['warning', 'major', 'critical']

/** 0 is the lowest. */
export const rankOf = (severity: Severity) => severities.indexOf(severity)

/** More members than these are not taken: what they have in common is known by then. */
const maxMembers = 20_000

/** An incident is no longer joined so many gaps after its first anomaly, lest a busy day become one incident. */
const maxGaps = 10

/** Anomalies that began together, told as an incident once they are of enough series. */
export class Group {
  /** That of its first anomaly. */
  readonly id: string
  readonly scope: readonly Tag[]
  /** Its place among all that began. */
  readonly begun: number
  readonly #members = new Map<string, Finding>()
  /** How many members each series has, and how many of them are not over. */
  readonly #series = new Map<string, { members: number; open: number }>()
  readonly #bySeverity = severities.map(() => 0)
  #openSeries = 0
  #first: EventTime = Infinity
  #latest: EventTime = -Infinity
  #revision = 0
  #toldSeries = 0
  #toldSeverity: Severity = 'warning'

  constructor(id: string, scope: readonly Tag[], begun: number) {
    this.id = id
    this.scope = scope
    this.begun = begun
  }

  static restored(id: string, state: IncidentState, members: readonly Finding[]): Group {
    const group = new Group(id, state.scope, state.begun)
    for (const member of members) group.put(member)
    group.#first = state.first
    group.#latest = state.latest
    group.#revision = state.revision
    group.#toldSeries = state.toldSeries
    group.#toldSeverity = state.toldSeverity
    return group
  }

  get state(): IncidentState {
    return {
      scope: this.scope,
      first: this.#first,
      latest: this.#latest,
      revision: this.#revision,
      toldSeries: this.#toldSeries,
      toldSeverity: this.#toldSeverity,
      begun: this.begun,
    }
  }

  get members(): ReadonlyMap<string, Finding> {
    return this.#members
  }

  get start(): EventTime {
    return this.#first
  }

  /** How many series it has. */
  get series(): number {
    return this.#series.size
  }

  get openSeries(): number {
    return this.#openSeries
  }

  /** The highest of its members. */
  get severity(): Severity {
    return severities[
      Math.max(
        0,
        this.#bySeverity.findLastIndex((count) => count > 0),
      )
    ]!
  }

  /** Of the next record. */
  get revision(): number {
    return this.#revision
  }

  /** Whether it has been told. */
  get isTold(): boolean {
    return this.#revision > 0
  }

  get isFull(): boolean {
    return this.#members.size >= maxMembers
  }

  /** Whether an anomaly that began then may belong to it. */
  isNear(start: EventTime, gapMs: number): boolean {
    return (
      start >= this.#first - gapMs && start <= this.#latest + gapMs && start <= this.#first + maxGaps * gapMs
    )
  }

  /** Whether it has grown by a quarter, or become worse, since it was told. */
  get isWorse(): boolean {
    return this.series >= this.#toldSeries * 1.25 || rankOf(this.severity) > rankOf(this.#toldSeverity)
  }

  /** Takes a member, or its next revision. */
  put(member: Finding): void {
    this.remove(member.anomalyId)
    this.#members.set(member.anomalyId, member)
    this.#count(member, 1)
    this.#first = Math.min(this.#first, member.start)
    this.#latest = Math.max(this.#latest, member.start)
  }

  remove(anomalyId: string): void {
    const member = this.#members.get(anomalyId)
    if (!member) return
    this.#members.delete(anomalyId)
    this.#count(member, -1)
  }

  /** It has been told as it is now. */
  told(): void {
    this.#revision++
    this.#toldSeries = this.series
    this.#toldSeverity = this.severity
  }

  #count({ series, severity, end }: Finding, by: 1 | -1): void {
    const key = keyOf(series)
    const counts = this.#series.get(key) ?? { members: 0, open: 0 }
    const wasOpen = counts.open > 0
    counts.members += by
    if (end === null) counts.open += by
    const isOpen = counts.open > 0
    if (isOpen !== wasOpen) this.#openSeries += isOpen ? 1 : -1
    if (counts.members === 0) this.#series.delete(key)
    else this.#series.set(key, counts)
    this.#bySeverity[rankOf(severity)]! += by
  }
}
