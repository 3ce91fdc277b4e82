import type { Exemplar, Span } from '../../../shared/avro/types.ts'
import { BadRecordError } from '../../../shared/errors.ts'
import { textNamed, withFields } from '../../../shared/logs/fields.ts'
import type { LogEvent } from '../../../shared/logs/placed-log.ts'
import type { EventTime, Refusal, StreamRecord, TaskContext } from '../../../shared/stream/task.ts'
import type { NormalizerConfig } from '../config.ts'
import type { CountedSamples, Events } from '../format.ts'
import type { PointColumns } from '../point-columns.ts'
import type { SeriesFactory, SeriesRef } from '../series-cache.ts'
import { Accounts } from './accounts.ts'
import { reasonOf, sentenceOf } from './excess-text.ts'
import { ParkedParts } from './parked-parts.ts'
import { PartPoints } from './part-points.ts'
import { type Overrun, ShownSeries } from './shown-series.ts'
import { shareOf, type Tenant, Tenants } from './tenant.ts'
import { readTenantMemo, textOfTenantMemo } from './tenant-memo.ts'
import { nameSource } from './tenant-source.ts'
import { TenantTallies } from './tenant-tallies.ts'

/** What is to be parked of a record, and in whose name; undefined when there are too many tenants. */
export interface Parked {
  readonly tenant: string | undefined
  readonly reason: string
  readonly detail: string
  /** Empty when it is the whole record. */
  readonly parts: readonly Refusal[]
}

/** No part is open: what comes is taken. */
const noPart = -1

/** What becomes of a part besides its points. */
interface PartEvents extends Pick<Events, 'refuse' | 'only'> {
  /** Refusals of single numbers of this part no longer matter. */
  forgetValues(position: number): void
}

/**
 * Says whose each record and each point is, writes it into the tag that carries it on, and holds tenants to their
 * quotas. By header or topic a record is taken or parked whole, before it is read; by tag, and where series are counted,
 * each of its parts, such as a line, is: its points are gathered until it ends. Stands before the columns, so that without
 * tenants a point pays nothing.
 */
export class Tenancy {
  readonly #tag: string
  readonly #byDefault: string
  readonly #seriesTag: string
  readonly #nameOf: ((record: StreamRecord<unknown>) => string) | undefined
  readonly #tenants: Tenants
  readonly #accounts: Accounts
  /** Absent when no quota counts them. */
  readonly #shown: ShownSeries | undefined
  readonly #columns: PointColumns
  readonly #factory: SeriesFactory
  readonly #tallies: TenantTallies
  readonly #context: TaskContext
  /** Of the record; undefined when its points tell. */
  #tenant: Tenant | undefined
  /** A log event is being told in points, which are not held to quotas: its record was. */
  #isTelling = false
  /** Whose event it is; undefined when its points tell. */
  #speaker: Tenant | undefined
  /** The record was read before, and its outputs are not wanted. */
  #isRepeated = false
  /** What became of it is in the accounts already: nothing is decided. */
  #isCounted = false
  /** With series, where their window began, and the accounts then: all that came after is decided again after a restart. */
  #began: { readonly offset: number; readonly memo: string } | undefined
  #taken = 0
  #parkedPoints = 0
  readonly #parked = new ParkedParts()
  #excess: Overrun | undefined
  #part = noPart
  readonly #points = new PartPoints()
  #saidOfClock = false

  /** `memo` is the `memo` of the tenancy before. Throws RangeError when it is damaged. */
  constructor(
    { tenants: settings }: NormalizerConfig,
    factory: SeriesFactory,
    columns: PointColumns,
    context: TaskContext,
    memo?: string,
  ) {
    const { inputPartitions, topic } = context
    const { capacity, burstSeconds, maxTenants, quotas } = settings
    this.#tag = settings.tag
    this.#seriesTag = settings.name
    this.#byDefault = settings.default
    this.#nameOf = nameSource(settings, topic)
    this.#columns = columns
    this.#factory = factory
    this.#context = context
    this.#tallies = new TenantTallies(context)
    const tenants = new Tenants(settings, inputPartitions)
    this.#tenants = tenants
    const named = new Set(
      quotas.map(({ tenant }) => tenants.of(tenant)).flatMap(({ isNamed, key }) => (isNamed ? [key] : [])),
    )
    const options = {
      capacity: {
        points: shareOf(capacity.pointsPerSecond, inputPartitions),
        bytes: shareOf(capacity.bytesPerSecond, inputPartitions),
      },
      burstSeconds,
      maxTenants,
      named,
      // One for each quota with a *, and one for those without any.
      sharedAccounts: quotas.length - named.size + 1,
      hasWindows: quotas.some(({ series }) => series !== undefined),
      termsAt: (index: number) => tenants.termsAt(index),
    }
    const { began, used } = readTenantMemo(memo)
    this.#accounts = new Accounts(options, used)
    if (!options.hasWindows) return
    this.#shown = new ShownSeries(this.#accounts, settings.seriesWindowMs)
    if (began !== undefined) this.#began = { offset: began, memo: used }
  }

  /**
   * Another record of so many bytes. What is to be parked of it, if that is all of it: then it need not be read. Throws
   * BadRecordError when it names its tenant wrongly.
   */
  begin(record: StreamRecord<unknown>, bytes: number, isRepeated: boolean): Parked | undefined {
    this.#isRepeated = isRepeated
    this.#isCounted = isRepeated && record.offset < (this.#began?.offset ?? Infinity)
    this.#taken = 0
    this.#parkedPoints = 0
    this.#excess = undefined
    this.#tenant = this.#nameOf && this.#tenants.of(this.#nameOf(record))
    if (this.#isCounted) return undefined
    this.#accounts.advance(record.timestamp)
    if (this.#shown?.follow()) this.#began = { offset: record.offset, memo: this.#accounts.memo }
    if (!record.isAppendTime) this.#warnOfClock()
    const tenant = this.#tenant
    if (!tenant) return undefined
    const excess = this.#accounts.excessOf(tenant)
    if (!excess) {
      this.#accounts.charge(tenant, 0, bytes)
      if (!isRepeated) this.#tallies.took(tenant, 0, bytes)
      return undefined
    }
    const parked = { tenant: tenant.name, reason: reasonOf(excess), detail: sentenceOf(tenant.name, excess) }
    if (!isRepeated) this.#tallies.parked(tenant, parked.reason, 1, 0, parked.detail)
    return { ...parked, parts: [] }
  }

  /** The record has been read: what is to be parked of it, after all. */
  end(events: PartEvents): readonly Parked[] {
    this.settle(events)
    if (this.#tenant) this.#pay(this.#tenant, this.#taken)
    if (this.#parked.isEmpty) return []
    const { tenant: first, excess } = this.#excess!
    return [...this.#parked.take()].map(([tenant, parts]) => {
      const reason = parts[0]!.reason
      const detail =
        tenant === first && reasonOf(excess) === reason
          ? sentenceOf(first.name, excess)
          : 'the tenant has used up what it may use; so have others in this record'
      if (!this.#isRepeated) this.#tallies.parked(tenant ?? first, reason, 1, 0, detail)
      return { tenant: tenant?.name, reason, detail, parts }
    })
  }

  /** Points of the record that were found, and are parked. */
  get parkedPoints(): number {
    return this.#parkedPoints
  }

  /** What must be known after a restart. */
  get memo(): string {
    return this.#began ? textOfTenantMemo(this.#began) : this.#accounts.memo
  }

  /** Where the log must be read again from for it, if not from the next record. */
  get since(): number | undefined {
    return this.#began?.offset
  }

  report(timestamp: EventTime): void {
    this.#tallies.report(timestamp)
  }

  /** What a source of lines is called: those of two tenants are never joined. */
  sourceOf(source: string): string {
    return this.#tenant ? `${this.#tenant.key}${source}` : source
  }

  /** Whether a source so called is of the record's tenant. */
  isOfTenant(source: string): boolean {
    return this.#tenant !== undefined && source.startsWith(this.#tenant.key)
  }

  /** A log event with the tenant of the record that it is in, or that is being read. */
  ownedLog<Event extends LogEvent>(event: Event, tag = this.tagOfRecord): Event {
    return tag ? { ...event, attributes: withFields(event.attributes, tag) } : event
  }

  ownedSpan(span: Span): Span {
    const tag = this.tagOfRecord
    return tag ? { ...span, attributes: { ...span.attributes, ...tag } } : span
  }

  /** The attribute that tells the tenant of the record; undefined when none does. */
  get tagOfRecord(): Readonly<Record<string, string>> | undefined {
    return this.#tenant && this.#tag !== '' ? { [this.#tag]: this.#tenant.name } : undefined
  }

  /** The points until `hush` are made of a log event, which may have begun in another record, or of a span of this one. */
  speakOf(log?: LogEvent): void {
    this.#isTelling = true
    if (log && this.#nameOf)
      this.#speaker = this.#tenants.of(textNamed(log.attributes, this.#tag) ?? this.#byDefault)
  }

  hush(): void {
    this.#isTelling = false
    this.#speaker = undefined
  }

  /** The points from now on stand in this part of the record. */
  open(part: number): void {
    if (!this.#tenant || this.#shown) this.#part = part
  }

  /** The part can't be taken: what was read of it is forgotten. */
  drop(part: number): void {
    if (part === this.#part) this.#points.clear()
  }

  add(ref: SeriesRef, time: EventTime, value: number): void {
    const owned = this.#own(ref)
    if (this.#part !== noPart && !this.#isTelling) this.#points.add(owned, time, value)
    else {
      if (!this.#isTelling) this.#taken++
      this.#columns.add(owned, time, value)
    }
  }

  addHistogram(ref: SeriesRef, counted: CountedSamples): void {
    const owned = this.#own(ref)
    if (this.#part !== noPart && !this.#isTelling) this.#points.addHistogram(owned, counted)
    else {
      if (!this.#isTelling) this.#taken++
      this.#columns.addHistogram(owned, counted)
    }
  }

  /** Behind its point, whose fate it shares. */
  addExemplar(ref: SeriesRef, time: EventTime, exemplar: Exemplar): void {
    const owned = this.#own(ref)
    if (this.#part !== noPart && !this.#isTelling) this.#points.addExemplar(owned, time, exemplar)
    else this.#columns.addExemplar(owned, time, exemplar)
  }

  /** The part that is open has been read: all of it is taken, or parked. */
  settle(events: PartEvents): void {
    const part = this.#part
    if (part === noPart) return
    this.#part = noPart
    if (this.#points.count === 0) return
    const values = events.only?.valuesOf(part)
    const isDecided = !this.#isCounted && this.#parked.hasRoomFor(values?.size ?? 1)
    const over = isDecided ? this.#excessOfPart() : undefined
    try {
      if (over) {
        this.#park(part, over, values)
        events.forgetValues(part)
      } else this.#take()
    } catch (error) {
      if (!(error instanceof BadRecordError)) throw error
      events.refuse(part, error.reason, error.message)
    } finally {
      this.#points.clear()
    }
  }

  #excessOfPart(): Overrun | undefined {
    const { refs, count } = this.#points
    const rates = this.#tenant ? undefined : this.#excessOfRates(refs, count)
    return rates ?? this.#shown?.show(refs, count, this.#tenant)
  }

  /** Mostly all of its points are of one tenant. */
  #excessOfRates(refs: readonly SeriesRef[], count: number): Overrun | undefined {
    let last: Tenant | undefined
    for (let i = 0; i < count; i++) {
      const { owner } = refs[i]!
      if (owner === last) continue
      last = owner
      const excess = this.#accounts.excessOf(owner!)
      if (excess) return { tenant: owner!, excess }
    }
    return undefined
  }

  #park(part: number, over: Overrun, values: ReadonlySet<number> | undefined): void {
    this.#excess ??= over
    const { tenant, excess } = over
    const reason = reasonOf(excess)
    this.#parked.add(part, tenant, reason, values)
    const { count } = this.#points
    this.#parkedPoints += count
    if (this.#isRepeated) return
    this.#tallies.parked(tenant, reason, 0, count, sentenceOf(tenant.name, excess))
  }

  #take(): void {
    const { refs, count } = this.#points
    this.#points.sendTo(this.#columns)
    this.#taken += count
    // By header or topic the record is paid for at its end.
    if (!this.#tenant) this.#payByOwner(refs, count)
  }

  #payByOwner(refs: readonly SeriesRef[], count: number): void {
    let first = 0
    for (let i = 1; i <= count; i++) {
      const { owner } = refs[first]!
      if (i < count && refs[i]!.owner === owner) continue
      this.#pay(owner!, i - first)
      first = i
    }
  }

  #pay(owner: Tenant, points: number): void {
    if (this.#isCounted) return
    this.#accounts.charge(owner, points, 0)
    if (!this.#isRepeated) this.#tallies.took(owner, points, 0)
  }

  /** The series under the tenant's tag. It remembers the last tenant that it was asked for, mostly the only one. */
  #own(ref: SeriesRef): SeriesRef {
    const tenant = this.#speaker ?? this.#tenant
    if (ref.owned && (tenant === undefined || ref.owner === tenant)) return ref.owned
    const owner = tenant ?? this.#tenants.of(this.#nameIn(ref))
    const owned = this.#tag === '' ? ref : this.#factory.tagged(ref, this.#tag, owner.name)
    ref.owner = owner
    ref.owned = owned
    owned.owner = owner
    owned.owned = owned
    return owned
  }

  #nameIn({ series }: SeriesRef): string {
    return series.tags.find(({ key }) => key === this.#seriesTag)?.value ?? this.#byDefault
  }

  #warnOfClock(): void {
    if (this.#saidOfClock) return
    this.#saidOfClock = true
    const { topic, partition, log } = this.#context
    log.warn(
      { topic, partition },
      'quotas go by the broker’s clock, but this topic carries the producers’ times: set message.timestamp.type=LogAppendTime on it, or producers can lie about how much they send a second',
    )
  }
}
