import type { Span } from '../../../shared/avro/types.ts'
import { BadRecordError } from '../../../shared/errors.ts'
import { textNamed, withFields } from '../../../shared/logs/fields.ts'
import type { EventTime, Refusal, StreamRecord, TaskContext } from '../../../shared/stream/task.ts'
import type { NormalizerConfig } from '../config.ts'
import type { CountedSamples, Events, LogEvent } from '../format.ts'
import type { PointColumns } from '../point-columns.ts'
import type { SeriesFactory, SeriesRef } from '../series-cache.ts'
import { Accounts, type Excess } from './accounts.ts'
import { reasonOf, sentenceOf } from './excess-text.ts'
import { ParkedParts } from './parked-parts.ts'
import { shareOf, type Tenant, Tenants } from './tenant.ts'
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
interface PartEvents extends Pick<Events, 'refuse'> {
  /** Refusals of single numbers of this part no longer matter. */
  forgetValues(position: number): void
}

/**
 * Says whose each record and each point is, writes it into the tag that carries it on, and holds tenants to their
 * quotas. By header or topic a record is taken or parked whole, before it is read; by tag each of its parts, such as a
 * line, is: its points are gathered until it ends. Stands before the columns, so that without tenants a point pays
 * nothing.
 */
export class Tenancy {
  readonly #tag: string
  readonly #byDefault: string
  readonly #seriesTag: string
  readonly #nameOf: ((record: StreamRecord<unknown>) => string) | undefined
  readonly #tenants: Tenants
  readonly #accounts: Accounts
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
  /** The record was read before: what became of it is in the accounts already. */
  #isRepeated = false
  #taken = 0
  #parkedPoints = 0
  readonly #parked = new ParkedParts()
  #excess: { readonly tenant: Tenant; readonly excess: Excess } | undefined
  // The part being read: the arrays live as long as the task, so that a point allocates nothing.
  #part = noPart
  #count = 0
  readonly #refs: SeriesRef[] = []
  readonly #times: number[] = []
  readonly #values: number[] = []
  readonly #histograms: { readonly ref: SeriesRef; readonly counted: CountedSamples }[] = []
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
      termsAt: (index: number) => tenants.termsAt(index),
    }
    this.#accounts = new Accounts(options, memo)
  }

  /**
   * Another record of so many bytes. What is to be parked of it, if that is all of it: then it need not be read. Throws
   * BadRecordError when it names its tenant wrongly.
   */
  begin(record: StreamRecord<unknown>, bytes: number, isRepeated: boolean): Parked | undefined {
    this.#isRepeated = isRepeated
    this.#taken = 0
    this.#parkedPoints = 0
    this.#excess = undefined
    this.#tenant = this.#nameOf && this.#tenants.of(this.#nameOf(record))
    if (isRepeated) return undefined
    this.#accounts.advance(record.timestamp)
    if (!record.isAppendTime) this.#warnOfClock()
    const tenant = this.#tenant
    if (!tenant) return undefined
    const excess = this.#accounts.excessOf(tenant)
    if (!excess) {
      this.#accounts.charge(tenant, 0, bytes)
      this.#tallies.took(tenant, 0, bytes)
      return undefined
    }
    const parked = { tenant: tenant.name, reason: reasonOf(excess), detail: sentenceOf(tenant.name, excess) }
    this.#tallies.parked(tenant, parked.reason, 1, 0, parked.detail)
    return { ...parked, parts: [] }
  }

  /** The record has been read: what is to be parked of it, after all. */
  end(events: PartEvents): readonly Parked[] {
    this.settle(events)
    if (this.#tenant && !this.#isRepeated) {
      this.#accounts.charge(this.#tenant, this.#taken, 0)
      this.#tallies.took(this.#tenant, this.#taken, 0)
    }
    if (this.#parked.isEmpty) return []
    const { tenant: first, excess } = this.#excess!
    return [...this.#parked.take()].map(([tenant, parts]) => {
      const reason = parts[0]!.reason
      const detail =
        tenant === first && reasonOf(excess) === reason
          ? sentenceOf(first.name, excess)
          : 'the tenant has used up what it may use; so have others in this record'
      this.#tallies.parked(tenant ?? first, reason, 1, 0, detail)
      return { tenant: tenant?.name, reason, detail, parts }
    })
  }

  /** Points of the record that were found, and are parked. */
  get parkedPoints(): number {
    return this.#parkedPoints
  }

  /** What must be known after a restart. */
  get memo(): string {
    return this.#accounts.memo
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
    if (!this.#tenant) this.#part = part
  }

  /** The part can't be taken: what was read of it is forgotten. */
  drop(part: number): void {
    if (part === this.#part) this.#clear()
  }

  add(ref: SeriesRef, time: EventTime, value: number): void {
    const owned = this.#own(ref)
    if (this.#part === noPart || this.#isTelling) {
      if (!this.#isTelling) this.#taken++
      this.#columns.add(owned, time, value)
      return
    }
    const at = this.#count++
    this.#refs[at] = owned
    this.#times[at] = time
    this.#values[at] = value
  }

  addHistogram(ref: SeriesRef, counted: CountedSamples): void {
    const owned = this.#own(ref)
    if (this.#part === noPart || this.#isTelling) {
      if (!this.#isTelling) this.#taken++
      this.#columns.addHistogram(owned, counted)
    } else this.#histograms.push({ ref: owned, counted })
  }

  /** The part that is open has been read: all of it is taken, or parked. */
  settle(events: PartEvents): void {
    const part = this.#part
    if (part === noPart) return
    this.#part = noPart
    if (this.#count + this.#histograms.length === 0) return
    const over = this.#isRepeated || !this.#parked.hasRoom ? undefined : this.#excessOfPart()
    try {
      if (over) {
        this.#park(part, over.tenant, over.excess)
        events.forgetValues(part)
      } else this.#take()
    } catch (error) {
      if (!(error instanceof BadRecordError)) throw error
      events.refuse(part, error.reason, error.message)
    } finally {
      this.#clear()
    }
  }

  #excessOfPart(): { readonly tenant: Tenant; readonly excess: Excess } | undefined {
    let last: Tenant | undefined
    for (let i = -this.#histograms.length; i < this.#count; i++) {
      const { owner } = i < 0 ? this.#histograms[-i - 1]!.ref : this.#refs[i]!
      if (owner === last) continue
      last = owner
      const excess = this.#accounts.excessOf(owner!)
      if (excess) return { tenant: owner!, excess }
    }
    return undefined
  }

  #park(part: number, tenant: Tenant, excess: Excess): void {
    this.#excess ??= { tenant, excess }
    const reason = reasonOf(excess)
    this.#parked.add(part, tenant, reason)
    const points = this.#count + this.#histograms.length
    this.#parkedPoints += points
    this.#tallies.parked(tenant, reason, 0, points, sentenceOf(tenant.name, excess))
  }

  #take(): void {
    for (const { ref, counted } of this.#histograms) {
      this.#pay(ref.owner!, 1)
      this.#columns.addHistogram(ref, counted)
    }
    let first = 0
    for (let i = 0; i < this.#count; i++) {
      const ref = this.#refs[i]!
      const { owner } = this.#refs[first]!
      if (ref.owner !== owner) {
        this.#pay(owner!, i - first)
        first = i
      }
      this.#columns.add(ref, this.#times[i]!, this.#values[i]!)
    }
    if (this.#count > 0) this.#pay(this.#refs[first]!.owner!, this.#count - first)
  }

  #pay(owner: Tenant, points: number): void {
    this.#taken += points
    if (this.#isRepeated) return
    this.#accounts.charge(owner, points, 0)
    this.#tallies.took(owner, points, 0)
  }

  #clear(): void {
    this.#count = 0
    if (this.#histograms.length > 0) this.#histograms.length = 0
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
