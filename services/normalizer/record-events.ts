import type { Exemplar, SeriesKind, Span, Tag } from '../../shared/avro/types.ts'
import { BadRecordError, type RejectionReason } from '../../shared/errors.ts'
import { eventId, type LogEvent, type PlacedLog, placed } from '../../shared/logs/placed-log.ts'
import { type Parts, redrivenOf } from '../../shared/replay/redriven.ts'
import type { EventTime, Refusal, ResumePoint, StreamRecord } from '../../shared/stream/task.ts'
import type { NormalizerConfig } from './config.ts'
import { DerivedPoints } from './derived/derived-points.ts'
import type { Duplicates } from './duplicates/duplicates.ts'
import type { SeriesIdentity } from './duplicates/series-identity.ts'
import { lengthOfLog, lengthOfSpan } from './event-batches.ts'
import type { CountedSamples, Events } from './format.ts'
import { type Draft, LineJoiner, type LogLine } from './line-joiner.ts'
import { readMemo, textOfMemo } from './memo.ts'
import type { Arrivals } from './metrics/arrivals.ts'
import { raise } from './metrics/format-tally.ts'
import { asItIs, convert } from './names/canonical-names.ts'
import type { PointColumns } from './point-columns.ts'
import type { RecordBudget } from './record-budget.ts'
import { LogRules } from './rules/log-rules.ts'
import type { Clock } from './rules/sampling.ts'
import { isInRange, outOfRange } from './rules/value-range.ts'
import type { SeriesFactory, SeriesRef } from './series-cache.ts'
import type { Tenancy } from './tenants/tenancy.ts'
import type { PointEvents } from './told-point.ts'

/** What is there only where the configuration wants it. */
interface Wanted {
  readonly tenancy?: Tenancy | undefined
  readonly duplicates?: Duplicates | undefined
}

/** Refused parts that are told one by one; of more, only the number is. */
const maxRefusals = 1_000

/** Before the first part of a record. */
const noPart = 2_147_483_647

/** What no format calls a source. */
const redrivenSource = '\0redriven'

/** Takes what a format finds in one record after the other: one object a task, so that a record makes none. */
export class RecordEvents implements Events {
  only: Parts | undefined
  defaultTime: EventTime = 0
  /** Of the record that is being read, as are the numbers below. */
  refusals: Refusal[] = []
  refusedParts = 0
  readonly refusedBy = new Map<RejectionReason, number>()
  points = 0
  skippedFields = 0
  droppedByRules = 0
  /** Values of derived points' tags for which there was no place. */
  overflowingValues = 0
  /** What came before, and was left out. */
  duplicates = 0
  /** Lines of this record that were taken into events, which may be handed on later. */
  lines = 0
  /** Of all records since they were taken last. */
  #logs: PlacedLog[] = []
  #logsBefore = 0
  #spans: Span[] = []
  #spansBefore = 0
  #record: StreamRecord<unknown> | undefined
  #isRedriven = false
  /** The part that is being read, and how many of its numbers have been handed on. */
  #part = noPart
  #numbers = 0
  /** Of a part that comes again, the numbers that are to be taken; undefined for all. */
  #wanted: ReadonlySet<number> | undefined
  /** Where the earliest of the log events began. */
  #logsFrom = Infinity
  readonly #joiner: LineJoiner
  readonly #arrivals: Arrivals
  /** Absent when none are looked for. */
  readonly #duplicates: Duplicates | undefined
  readonly #joinsRecords: boolean
  #latest: EventTime = 0
  /** Absent without rules. */
  readonly #logRules: LogRules | undefined
  /** Absent unless points are derived. */
  readonly #derived: DerivedPoints | undefined
  readonly #derive: ((log: PlacedLog) => void) | undefined
  /** Whether the log is read again of which all was committed: it must not be counted twice. */
  #isRepeating: boolean
  readonly #seriesFactory: SeriesFactory
  readonly #columns: PointColumns
  /** Absent without tenants; with them, points go through it. */
  readonly #tenancy: Tenancy | undefined
  readonly #points: Pick<PointColumns, 'add' | 'addHistogram' | 'addExemplar'>
  readonly #budget: RecordBudget
  readonly #earliest: EventTime
  readonly #maxFutureMs: number

  /** `memo` is the `memo` of the events of the task before. Throws RangeError when it is damaged. */
  constructor(
    config: NormalizerConfig,
    factory: SeriesFactory,
    columns: PointColumns,
    budget: RecordBudget,
    arrivals: Arrivals,
    memo = '',
    { tenancy, duplicates }: Wanted = {},
  ) {
    const emit = (log: PlacedLog) => {
      if (log.time !== log.timestamp) arrivals.event(log.host, log.time, log.timestamp)
      this.#take(log)
      this.#logsFrom = Math.min(this.#logsFrom, log.offset)
    }
    const { lines, budgets, values } = readMemo(memo)
    if (config.logRules.length > 0) this.#logRules = new LogRules(config.logRules, this.#told, budgets)
    if (config.derivedPoints.length > 0) {
      const derived = new DerivedPoints(config, this.#told, () => this.overflowingValues++, values)
      this.#derived = derived
      this.#derive = (log) => derived.log(log)
    }
    this.#isRepeating = memo !== ''
    this.#joiner = new LineJoiner(config, emit, memo === '' ? undefined : lines)
    this.#duplicates = duplicates
    this.#arrivals = arrivals
    this.#joinsRecords = config.joinLinesMs > 0
    this.#seriesFactory = factory
    this.#columns = columns
    this.#tenancy = tenancy
    this.#points = tenancy ?? columns
    this.#budget = budget
    this.#earliest = Date.parse(config.earliestTime)
    this.#maxFutureMs = config.maxFutureMs
  }

  /** What comes from now on stands in this record. */
  readFrom(record: StreamRecord<unknown>, now: EventTime): void {
    const redriven = redrivenOf(record.headers)
    const timestamp = redriven?.timestamp ?? record.timestamp
    this.only = redriven?.only
    this.#record = redriven ? { ...record, timestamp } : record
    this.#isRedriven = redriven !== undefined
    this.#part = noPart
    this.#wanted = undefined
    this.#columns.readFrom(record)
    this.#budget.begin()
    this.defaultTime = timestamp
    // A raw topic may hold the producer's own time; then the worker's clock is the better judge.
    this.#latest = Math.min(timestamp, now) + this.#maxFutureMs
    if (this.refusedParts > 0) {
      this.refusals = []
      this.refusedBy.clear()
    }
    this.refusedParts = 0
    this.#arrivals.begin(record, record.isAppendTime || redriven ? timestamp : now)
    this.points = 0
    this.skippedFields = 0
    this.droppedByRules = 0
    this.overflowingValues = 0
    this.duplicates = 0
    this.lines = 0
    this.#logsBefore = this.#logs.length
    this.#spansBefore = this.#spans.length
    this.#joiner.readFrom(record)
    this.#duplicates?.readFrom(record)
  }

  /** Whether the record came before as a whole, and nothing in it is to be taken. */
  isDuplicate(record: StreamRecord<Buffer | null>): boolean {
    const isDuplicate = this.#isUnwanted(this.#duplicates?.record(record))
    if (isDuplicate) this.duplicates++
    return isDuplicate
  }

  /** Of its points, those that are not parked. */
  get pointsTaken(): number {
    return this.points - (this.#tenancy?.parkedPoints ?? 0)
  }

  /** The record has been read. */
  endRecord(): void {
    this.#tenancy?.settle(this)
    this.#wanted = undefined
    // The lines around a record that comes for the second time are not those around it in the log.
    if (this.#isRedriven) this.#joiner.flush(this.#tenancy?.sourceOf(redrivenSource) ?? redrivenSource)
    else if (!this.#joinsRecords) this.#joiner.flush()
  }

  /**
   * The record is parked, whole: then nothing goes on behind it that its tenant began before. So whoever reads the log
   * again after a restart need not know which records were parked.
   */
  passOver(): void {
    this.#joiner.flushThose((source) => this.#tenancy!.isOfTenant(source))
  }

  /** The records from now on are read for the first time; before, after a restart, they may be read again. */
  resume(): void {
    this.#isRepeating = false
    this.#joiner.resume()
  }

  /** Hands on the log events that wait for more lines. */
  flushLines(): void {
    this.#joiner.flush()
  }

  /** Where the log must be read again after a restart, the next record at the latest, and what must be known there. */
  resumeFrom(next: number): ResumePoint {
    const waiting = this.#joiner.since ?? next
    const first = Math.min(waiting, this.#tenancy?.since ?? next)
    const offset = this.#duplicates?.resumeFrom(first) ?? first
    const memo = textOfMemo({
      lines: this.#joiner.memo,
      budgets: this.#logRules?.memo ?? '',
      values: this.#derived?.memo ?? '',
      tenants: this.#tenancy?.memo ?? '',
      readsAgain: offset < waiting,
    })
    return { offset, memo }
  }

  /** Log events that were handed on since this record began. */
  get logs(): number {
    return this.#logs.length - this.#logsBefore
  }

  /** Spans of this record. */
  get spans(): number {
    return this.#spans.length - this.#spansBefore
  }

  /** The log events since the last call, and the offset at which the earliest of them began. */
  takeLogs(): { readonly logs: readonly PlacedLog[]; readonly from: number } {
    const taken = { logs: this.#logs, from: this.#logsFrom }
    if (taken.logs.length > 0) this.#logs = []
    this.#logsFrom = Infinity
    this.#logsBefore = 0
    return taken
  }

  /** The spans of all records since the last call. */
  takeSpans(): readonly Span[] {
    const spans = this.#spans
    if (spans.length > 0) this.#spans = []
    return spans
  }

  series(metric: string, tags: readonly Tag[], kind?: SeriesKind, unit?: string): SeriesRef {
    this.#budget.requireRoom()
    const ref = this.#seriesFactory.series(metric, tags, kind, unit)
    this.#budget.spend(ref.bytes)
    return ref
  }

  part(position: number): void {
    this.#part = position
    this.#numbers = 0
    this.#wanted = this.only?.valuesOf(position)
    if (!this.#tenancy) return
    this.#tenancy.settle(this)
    this.#tenancy.open(position)
  }

  timeProblem(time: EventTime) {
    if (time >= this.#earliest && time <= this.#latest) return undefined
    if (!Number.isFinite(time)) return { reason: 'invalid_timestamp', detail: 'the timestamp is not a time' }
    return time < this.#earliest
      ? { reason: 'timestamp_too_old', detail: `${isoOf(time)} is before ${isoOf(this.#earliest)}` }
      : {
          reason: 'timestamp_in_future',
          detail: `${isoOf(time)} is after ${isoOf(this.#latest)}, the latest that the broker’s clock allows`,
        }
  }

  point(series: SeriesRef, time: EventTime, value: number, exemplar?: Exemplar): void {
    const number = this.#numbers++
    if (this.#wanted !== undefined && !this.#wanted.has(number)) return
    if (series.limit !== undefined && !this.#isWithin(series, value, number)) return
    if (time !== this.defaultTime) {
      // Without a time of its own, one like it may be another sample.
      if (series.identity !== undefined && this.#isRepeated(series.identity, time, value)) return
      this.#arrivals.point(series, time)
    }
    this.#addPoint(series, time, value, exemplar)
  }

  /** In the unit of its point. */
  #addExemplar(series: SeriesRef, time: EventTime, exemplar: Exemplar): void {
    const { canonical } = series
    if (canonical === undefined) this.#points.addExemplar(series, time, exemplar)
    else {
      const value = convert(exemplar.value, canonical.conversion)
      this.#points.addExemplar(canonical.ref, time, { ...exemplar, value })
    }
  }

  #addPoint(series: SeriesRef, time: EventTime, value: number, exemplar?: Exemplar): void {
    const { canonical } = series
    if (canonical === undefined) this.#points.add(series, time, value)
    else this.#points.add(canonical.ref, time, convert(value, canonical.conversion))
    if (exemplar !== undefined) this.#addExemplar(series, time, exemplar)
    this.points++
  }

  histogram(series: SeriesRef, histogram: CountedSamples, exemplar?: Exemplar): void {
    if (this.#wanted !== undefined) return
    if (series.limit === 'dropped') {
      this.droppedByRules++
      return
    }
    const { canonical } = series
    if (histogram.time !== this.defaultTime) this.#arrivals.point(series, histogram.time)
    const ref = canonical?.conversion === asItIs ? canonical.ref : series
    this.#points.addHistogram(ref, histogram)
    if (exemplar !== undefined) this.#points.addExemplar(ref, histogram.time, exemplar)
    this.points++
  }

  #isRepeated(identity: SeriesIdentity, time: EventTime, value: number): boolean {
    if (!this.#isUnwanted(this.#duplicates!.point(identity, time, value))) return false
    this.duplicates++
    return true
  }

  /** What a person sends again is meant to be taken, whether or not it came before; from then on it is known. */
  #isUnwanted(cameBefore: boolean | undefined): boolean {
    return cameBefore === true && !this.#isRedriven
  }

  /** For points that log events and spans tell: of those, two that are alike are two. */
  get #told(): PointEvents & Clock {
    const events = this
    return {
      get defaultTime() {
        return events.defaultTime
      },
      series: (metric, tags, kind, unit) => events.series(metric, tags, kind, unit),
      timeProblem: (time) => events.timeProblem(time),
      skipField: (count) => events.skipField(count),
      idOf: (log) => events.idOf(log),
      point: (series, time, value, exemplar) => {
        // Whoever tells it has looked whether it is in range.
        if (series.limit === 'dropped') events.droppedByRules++
        else events.#addPoint(series, time, value, exemplar)
      },
    }
  }

  /** Whether the rules let a value of this series through; if not, it is counted or refused, while the rest of its part is taken. */
  #isWithin({ limit, series }: SeriesRef, value: number, number: number): boolean {
    if (limit === 'dropped') this.droppedByRules++
    else if (limit && !isInRange(limit, value)) {
      const detail = outOfRange(series, limit, value)
      this.#addRefusal({ position: this.#part, value: number, reason: 'out_of_range', detail })
    } else return true
    return false
  }

  log(position: number, event: LogEvent): void {
    const problem = this.timeProblem(event.time)
    if (problem) this.refuse(position, problem.reason, problem.detail)
    else if (this.#isUnwanted(this.#duplicates?.log(event))) this.duplicates++
    else {
      const { offset, timestamp } = this.#record!
      const owned = this.#tenancy?.ownedLog(event) ?? event
      if (event.time !== timestamp) this.#arrivals.event(event.host, event.time)
      this.#budget.spend(lengthOfLog(owned))
      this.#take(placed(owned, { offset, position, timestamp }))
    }
  }

  #take(log: PlacedLog): void {
    if (this.#isRepeating && (this.#logRules || this.#derived)) return
    // Points that are made of it are its tenant's, which need not be that of the record being read.
    this.#tenancy?.speakOf(log)
    const ruled = this.#logRules ? this.#logRules.apply(log, this.#derive) : log
    if (!this.#logRules) this.#derive?.(log)
    this.#tenancy?.hush()
    if (ruled) this.#logs.push(ruled)
    else this.droppedByRules++
  }

  line<Line extends LogLine>(
    position: number,
    source: string,
    line: Line,
    begin: (line: Line) => Draft<Line>,
  ): void {
    this.lines++
    const from = this.#isRedriven ? redrivenSource : source
    if (!this.#tenancy) this.#joiner.take(this.#record!, position, from, line, begin)
    else
      this.#joiner.take(this.#record!, position, this.#tenancy.sourceOf(from), line, (first) =>
        ownedDraft(begin(first), this.#tenancy!),
      )
  }

  idOf(log: PlacedLog): string {
    return eventId(this.#record!, log)
  }

  span(position: number, span: Span): void {
    const problem = this.timeProblem(span.time)
    if (problem) this.refuse(position, problem.reason, problem.detail)
    else if (this.#isUnwanted(this.#duplicates?.span(span))) this.duplicates++
    else {
      this.#budget.spend(lengthOfSpan(span))
      const owned = this.#tenancy?.ownedSpan(span) ?? span
      this.#arrivals.event(span.host, span.time)
      this.#spans.push(owned)
      if (!this.#isRepeating && this.#derived) this.#deriveFrom(owned, this.#derived)
    }
  }

  #deriveFrom(span: Span, derived: DerivedPoints): void {
    this.#tenancy?.speakOf()
    derived.span(span)
    this.#tenancy?.hush()
  }

  refuse(position: number, reason: RejectionReason, detail: string): void {
    this.#tenancy?.drop(position)
    this.#addRefusal({ position, reason, detail })
  }

  #addRefusal(refusal: Refusal): void {
    this.refusedParts++
    raise(this.refusedBy, refusal.reason, 1)
    if (this.refusals.length < maxRefusals) this.refusals.push(refusal)
  }

  /** The part is parked, whole: its numbers come again with it. */
  forgetValues(position: number): void {
    const kept = this.refusals.filter((one) => one.position !== position || one.value === undefined)
    const forgotten = this.refusals.length - kept.length
    // Of more refusals than are told one by one, some must be left to tell.
    if (forgotten === 0 || (kept.length === 0 && this.refusedParts > forgotten)) return
    this.refusedParts -= forgotten
    raise(this.refusedBy, 'out_of_range', -forgotten)
    this.refusals = kept
  }

  skipField(count: number): void {
    this.skippedFields += count
  }
}

/** An event of several lines, of the tenant of its first. */
function ownedDraft<Line extends LogLine>(draft: Draft<Line>, tenancy: Tenancy): Draft<Line> {
  const tag = tenancy.tagOfRecord
  return {
    add: (line) => draft.add(line),
    get isComplete() {
      return draft.isComplete
    },
    event: () => (tag ? tenancy.ownedLog(draft.event(), tag) : draft.event()),
  }
}

/** Runs `work`, unless this part is not wanted; what it throws of BadRecordError refuses this part only. */
export function refusing(events: Events, position: number, work: () => void): void {
  if (events.only && !events.only.has(position)) return
  events.part(position)
  try {
    work()
  } catch (error) {
    if (!(error instanceof BadRecordError)) throw error
    events.refuse(position, error.reason, error.message)
  }
}

const isoOf = (time: EventTime) => (Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time))
