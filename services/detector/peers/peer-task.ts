import type {
  Anomaly,
  EntityState,
  PeerBatch,
  PeerGroupState,
  PeerMemberState,
  ToldEpisode,
  WindowStep,
} from '../../../shared/avro/types.ts'
import { keyOf } from '../../../shared/series/known-series.ts'
import { seriesPartition } from '../../../shared/series/series.ts'
import { EventClock } from '../../../shared/stream/event-clock.ts'
import type {
  EventTime,
  Output,
  ResumePoint,
  StreamRecord,
  Task,
  TaskContext,
} from '../../../shared/stream/task.ts'
import type { Topics } from '../../../shared/stream/topic.ts'
import { calendarOf, type FreeTime } from '../calendar.ts'
import type { DetectorConfig } from '../config.ts'
import { EntityGroup, type EntitySettings } from '../entities/entity-group.ts'
import { joint } from '../entities/joint-detector.ts'
import { maxFields } from '../entities/moments.ts'
import { entityRules } from '../entities/rules.ts'
import { entityKey, readEntity, readEntityKey } from '../entities/store-form.ts'
import { anomalyOf } from '../episodes/anomaly.ts'
import { nameOf } from '../episodes/sentence.ts'
import { findingOf } from '../incidents/finding.ts'
import { scopeOf, scopePartition } from '../incidents/scope.ts'
import { type DetectorMetrics, detectorMetrics, forgetPlace } from '../metrics.ts'
import { readBackMs } from '../retention.ts'
import type { Statistic } from '../statistics.ts'
import { Unsaved } from '../unsaved.ts'
import type { SeriesWatch } from '../watch/series-watch.ts'
import { watchSettings } from '../watch/settings.ts'
import { besideWidth } from './comparison.ts'
import { flawOf } from './flaw.ts'
import { type GatheredGroup, type GroupPlace, groupKeyOf } from './gathered.ts'
import { type GroupSettings, PeerGroup } from './group.ts'
import type { GroupRules } from './group-rules.ts'
import { peers } from './peer-detector.ts'
import { peerRules } from './rules.ts'
import { groupStateKey, memberStateKey, readGroup, readMember, readStoredKey } from './store-form.ts'

/** Commit metadata holds no more; a longer memo is kept in the state, under a key that no group has. */
const maxMemoLength = 3_000
const memoKey = '\n'
const memoInState = '@'

/** A partition of the windows topic that is silent for so long, while others are not, is no longer waited for. */
const sourceIdleMs = 60_000
/** Nor is one that is further behind, unless it is catching up. */
const maxHoldBackMs = 600_000

const steps: readonly WindowStep[] = ['points', 'partials']

/**
 * Windows of groups of series to anomalies: who begins to differ from its siblings, and which entity has fields that are
 * unusual together. The second, repartitioned step of the detector; all series of a group are in one partition. A group is stored as a
 * whole, as of one record, and after a restart the log is read again from the first record on that is not in the state of
 * one of its groups.
 */
export class PeerTask implements Task<PeerBatch> {
  readonly #config: DetectorConfig
  readonly #topics: Topics
  readonly #context: TaskContext
  readonly #metrics: DetectorMetrics
  readonly #rules: GroupRules
  readonly #entities: GroupRules
  readonly #calendar: readonly FreeTime[]
  readonly #clocks: Readonly<Record<WindowStep, EventClock>>
  readonly #groups = new Map<string, GatheredGroup>()
  /** Those that have windows to be judged. */
  readonly #waiting: Readonly<Record<WindowStep, Set<GatheredGroup>>> = {
    points: new Set(),
    partials: new Set(),
  }
  readonly #unsaved = new Unsaved<GatheredGroup>()
  readonly #restoredGroups = new Map<string, PeerGroupState>()
  readonly #restoredEntities = new Map<string, EntityState>()
  readonly #restoredMembers = new Map<string, Map<string, PeerMemberState>>()
  /** How far event time has come. */
  #latest: EventTime = Number.NEGATIVE_INFINITY
  #awaitsMemo: boolean
  /** Where the record that is worked on can be read again, once that is asked for. */
  #here: ResumePoint | undefined
  #lastOffset: number | undefined
  #out: Output | undefined

  /** Throws RangeError when the memo is damaged. */
  constructor(config: DetectorConfig, topics: Topics, context: TaskContext, memo?: string) {
    this.#config = config
    this.#topics = topics
    this.#context = context
    this.#metrics = detectorMetrics(context.metrics)
    this.#rules = peerRules(config.peers)
    this.#entities = entityRules(config.entities)
    this.#calendar = calendarOf(config.calendar)
    const options = { disorderMs: 0, sourceIdleMs, maxBehindMs: 0, maxHoldBackMs }
    this.#clocks = { points: new EventClock(options), partials: new EventClock(options) }
    this.#awaitsMemo = memo === memoInState
    if (memo && !this.#awaitsMemo) this.#remember(memo)
  }

  process(batch: readonly StreamRecord<PeerBatch>[], out: Output): void {
    this.#out = out
    this.#takeRestored(out)
    for (const record of batch) {
      const flaw = flawOf(record.value)
      if (flaw) out.reject(record, 'malformed_batch', flaw)
      else this.#take(record, out)
      this.#lastOffset = record.offset
    }
    const { topic, partition } = this.#context
    let members = 0
    for (const { size } of this.#groups.values()) members += size
    this.#metrics.series.set({ topic, partition }, members)
  }

  restore(key: string, value: Uint8Array | null): void {
    if (key === memoKey) {
      if (value && this.#awaitsMemo) this.#remember(Buffer.from(value).toString())
      return
    }
    const entity = readEntityKey(key)
    if (entity !== undefined) {
      const state = value && readEntity(value, entity)
      if (state) this.#restoredEntities.set(entity, state)
      else this.#restoredEntities.delete(entity)
      return
    }
    const { groupKey, seriesKey } = readStoredKey(key)
    if (seriesKey === undefined) {
      if (value) this.#restoredGroups.set(groupKey, readGroup(value, groupKey))
      else this.#restoredGroups.delete(groupKey)
      return
    }
    const members = this.#restoredMembers.get(groupKey) ?? new Map<string, PeerMemberState>()
    this.#restoredMembers.set(groupKey, members)
    const member = value && readMember(value, seriesKey)
    if (member) members.set(seriesKey, member)
    else members.delete(seriesKey)
  }

  beforeCommit(out: Output): void {
    const memo = this.#resumePoint()?.memo
    if (memo && memo.length > maxMemoLength) out.keep(memoKey, Buffer.from(memo))
  }

  close(): void {
    forgetPlace(this.#metrics, this.#context)
  }

  resumePoint(): ResumePoint | undefined {
    const resume = this.#resumePoint()
    return resume && resume.memo.length > maxMemoLength ? { ...resume, memo: memoInState } : resume
  }

  #resumePoint(): ResumePoint | undefined {
    if (this.#lastOffset === undefined) return undefined
    return this.#unsaved.resumePoint ?? { offset: this.#lastOffset + 1, memo: this.#memo() }
  }

  #memo(latest = this.#latest): string {
    const text = latest === Number.NEGATIVE_INFINITY ? '' : latest.toString(36)
    return [text, ...steps.map((step) => this.#clocks[step].memo())].join('|')
  }

  #remember(memo: string): void {
    const [latest, ...clocks] = memo.split('|')
    if (clocks.length !== steps.length || !/^-?[0-9a-z]{0,11}$/.test(latest!))
      throw new RangeError('it is no memo of peers')
    if (latest) this.#latest = Number.parseInt(latest, 36)
    for (const [i, step] of steps.entries()) this.#clocks[step].restore(clocks[i]!)
  }

  #takeRestored(out: Output): void {
    for (const [key, state] of this.#restoredGroups) {
      const members = this.#restoredMembers.get(key)
      if (this.#isWanted(state)) this.#restoreGroup(state, [...(members?.values() ?? [])])
      else {
        // Nobody compares these any more.
        out.keep(groupStateKey(key), null)
        for (const series of members?.keys() ?? []) out.keep(memberStateKey(key, series), null)
      }
    }
    for (const [key, state] of this.#restoredEntities) {
      if (this.#isWanted(state)) this.#restoreEntity(state)
      else out.keep(entityKey(key), null)
    }
    this.#restoredEntities.clear()
    this.#restoredGroups.clear()
    this.#restoredMembers.clear()
  }

  #restoreGroup(state: PeerGroupState, members: readonly PeerMemberState[]): void {
    const group = new PeerGroup(state, this.#peerSettings(state))
    group.restore(state, members)
    this.#add(group)
  }

  #restoreEntity(state: EntityState): void {
    const group = new EntityGroup(state, this.#entitySettings(state))
    group.restore(state)
    this.#add(group)
  }

  #add(group: GatheredGroup): void {
    this.#groups.set(group.key, group)
    if (group.windows.isWaiting) this.#waiting[group.place.step].add(group)
  }

  #isWanted({ rule, statistic, sizeMs }: Omit<GroupPlace, 'group' | 'step'>): boolean {
    const { statistics, windowSizesMs } = this.#config
    const isKnown = this.#rules.has(rule) || this.#entities.has(rule)
    return isKnown && statistics.includes(statistic as Statistic) && windowSizesMs.includes(sizeMs)
  }

  #take({ offset, value, timestamp }: StreamRecord<PeerBatch>, out: Output): void {
    const before = this.#latest
    this.#here = undefined
    const { step, partition, partitions, watermark } = value
    for (const { samples, ...what } of value.groups) {
      if (!this.#isWanted(what)) continue
      const group = this.#groupOf({ ...what, step })
      if (offset <= group.knownUpTo) continue
      for (const { series, start, value: shown } of samples) {
        const taken = group.put(series, start, shown)
        if (taken === 'late') this.#metrics.late.inc()
        if (taken === 'full') this.#metrics.peersLeftOut.inc()
        this.#latest = Math.max(this.#latest, start)
      }
      this.#hold(group, offset, before)
      this.#waiting[step].add(group)
      const { overdue } = group.windows
      if (overdue !== undefined) this.#advance(group, overdue, offset, out)
    }
    if (watermark !== null) {
      for (const group of this.#waiting[step]) if (offset > group.knownUpTo) this.#hold(group, offset, before)
      const clock = this.#clocks[step]
      const from = clock.watermark
      const source = { topic: step, partition, partitions, readUpTo: value.timestamp, isIdle: null }
      const to = clock.observe({ ...source, maxEventTime: watermark, appendedAt: timestamp })
      this.#latest = Math.max(this.#latest, to)
      if (to > from) this.#moveTo(to, step, offset, out)
    }
    if (!out.isDiscarded)
      for (const group of this.#unsaved.waitingSince(this.#latest - readBackMs(this.#config)))
        this.#store(group, offset, out)
    const turn = (time: EventTime) => Math.floor(time / this.#config.stateIntervalMs)
    if (turn(this.#latest) !== turn(before)) this.#forgetIdle(offset, out)
  }

  #groupOf(place: GroupPlace): GatheredGroup {
    const key = groupKeyOf(place)
    let group = this.#groups.get(key)
    if (!group) {
      group = this.#rules.has(place.rule)
        ? new PeerGroup(place, this.#peerSettings(place))
        : new EntityGroup(place, this.#entitySettings(place))
      this.#add(group)
    }
    return group
  }

  #entitySettings({ sizeMs }: Pick<GroupPlace, 'sizeMs'>): EntitySettings {
    return {
      ...watchSettings(this.#config, joint, sizeMs),
      beside: maxFields,
      calendar: this.#calendar,
      tell: this.#tellOfEntity,
    }
  }

  #peerSettings({ sizeMs }: Pick<GroupPlace, 'sizeMs'>): GroupSettings {
    return {
      ...watchSettings(this.#config, peers, sizeMs),
      beside: besideWidth,
      calendar: this.#calendar,
      forgetMs: this.#config.forgetMs,
      tell: this.#tellOfPeer,
    }
  }

  /** In an order that does not depend on which groups were restored. */
  #moveTo(watermark: EventTime, step: WindowStep, offset: number, out: Output): void {
    const groups = [...this.#waiting[step]].sort((a, b) => (a.key < b.key ? -1 : 1))
    for (const group of groups) if (offset > group.knownUpTo) this.#advance(group, watermark, offset, out)
  }

  /** The group changes, or may change, by the record at `offset`: the log must be read again from there. */
  #hold(group: GatheredGroup, offset: number, latest: EventTime): void {
    if (this.#unsaved.has(group)) return
    // A memo is long where partitions are many, and seldom wanted. The clocks have not moved yet.
    this.#here ??= { offset, memo: this.#memo(latest) }
    this.#unsaved.add(group, this.#here, this.#latest)
  }

  #advance(group: GatheredGroup, watermark: EventTime, offset: number, out: Output): void {
    group.advance(watermark)
    if (!group.windows.isWaiting) this.#waiting[group.place.step].delete(group)
    const { stateIntervalMs } = this.#config
    const turn = (time: EventTime) => Math.floor(time / stateIntervalMs + group.phase)
    // While the log is read again nothing can be stored: it stays unsaved.
    const isDue =
      Number.isFinite(group.windows.judgedUpTo) && turn(group.windows.judgedUpTo) !== turn(group.storedAt)
    if (isDue && !out.isDiscarded) this.#store(group, offset, out)
  }

  /** All that has changed, as of this record. */
  #store(group: GatheredGroup, offset: number, out: Output): void {
    group.storedAt = group.windows.judgedUpTo
    for (const [key, value] of group.entries(offset)) out.keep(key, value)
    this.#unsaved.delete(group)
  }

  #forgetIdle(offset: number, out: Output): void {
    const since = this.#latest - this.#config.forgetMs
    const idle = [...this.#groups.values()]
      .filter((group) => group.windows.lastTime < since && offset > group.knownUpTo)
      .sort((a, b) => (a.key < b.key ? -1 : 1))
    for (const group of idle) {
      group.end(this.#latest)
      this.#groups.delete(group.key)
      this.#waiting[group.place.step].delete(group)
      this.#unsaved.delete(group)
      for (const key of group.keys()) out.keep(key, null)
    }
  }

  readonly #tellOfPeer: GroupSettings['tell'] = (group, watch, told, time) =>
    this.#tell(watch, told, (finding) => anomalyOf({ ...finding, peers: group.siblings }, told, time, null))

  /** The value is how far it is from what was seen before: an entity has none of its own. */
  readonly #tellOfEntity: EntitySettings['tell'] = (group, watch, told, time) =>
    this.#tell(watch, told, (finding) => {
      const kind = { ...finding.kind, models: group.fields.map((field) => nameOf(field)) }
      const anomaly = anomalyOf({ ...finding, kind, isTogether: true }, told, time, null)
      return { ...anomaly, value: told.episode.peak.score, direction: 'above' }
    })

  #tell(
    { series, statistic, settings }: SeriesWatch,
    told: ToldEpisode,
    make: (finding: Omit<Parameters<typeof anomalyOf>[0], 'peers' | 'isTogether'>) => Anomaly,
  ): void {
    if (told.revision === 0) this.#metrics.anomalies.inc({ kind: told.episode.peak.kind, statistic })
    if (told.state === 'withdrawn') this.#metrics.withdrawn.inc({ statistic })
    const out = this.#out!
    if (out.isDiscarded) return
    const { anomalies } = this.#topics
    const partition = seriesPartition(keyOf(series), this.#context.partitionsOf(anomalies))
    const { sizeMs, kind } = settings
    const anomaly = make({ series, statistic, sizeMs, rarities: this.#config, kind })
    out.send(anomalies, partition, anomaly)
    this.#tellOfAll(anomaly, out)
  }

  /** For the incidents of several series. What share of all series is like it is not known here. */
  #tellOfAll(anomaly: Anomaly, out: Output): void {
    const { findings } = this.#topics
    const scope = scopeOf(anomaly.series, this.#config.incidentScope)
    out.send(findings, scopePartition(scope, this.#context.partitionsOf(findings)), findingOf(anomaly))
  }
}
