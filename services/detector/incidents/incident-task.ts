import type { AnomalyState, Finding, IncidentState } from '../../../shared/avro/types.ts'
import type { Output, ResumePoint, StreamRecord, Task, TaskContext } from '../../../shared/stream/task.ts'
import type { Topics } from '../../../shared/stream/topic.ts'
import type { DetectorConfig } from '../config.ts'
import { type DetectorMetrics, detectorMetrics } from '../metrics.ts'
import { Group } from './group.ts'
import { incidentOf } from './incident.ts'
import { scopeKey, scopeOf, scopePartition } from './scope.ts'
import { groupForm, groupKey, memberForm, memberKey, readKey } from './store-form.ts'

/**
 * Findings to incidents: anomalies of several series that began together are one. The second, repartitioned step of the
 * detector; findings of a scope are in one partition. All that it knows is stored with each commit, so nothing is read again.
 */
export class IncidentTask implements Task<Finding> {
  readonly #config: DetectorConfig
  readonly #topics: Topics
  readonly #context: TaskContext
  readonly #metrics: DetectorMetrics
  readonly #gapMs: number
  /** Those that are not over, in the order in which they began. */
  readonly #groups = new Set<Group>()
  /** By anomaly. */
  readonly #groupOf = new Map<string, Group>()
  #restoredGroups = new Map<string, IncidentState>()
  #restoredMembers = new Map<string, Map<string, Finding>>()
  #begun = 0
  #lastOffset: number | undefined

  constructor(config: DetectorConfig, topics: Topics, context: TaskContext) {
    this.#config = config
    this.#topics = topics
    this.#context = context
    this.#metrics = detectorMetrics(context.metrics)
    // What begins in the same window begins at the same time, as far as anyone can tell.
    this.#gapMs = Math.max(config.incidentGapMs, ...config.windowSizesMs)
  }

  process(batch: readonly StreamRecord<Finding>[], out: Output): void {
    this.#takeRestored()
    for (const { offset, value } of batch) {
      this.#take(value, out)
      this.#lastOffset = offset
    }
  }

  restore(key: string, value: Uint8Array | null): void {
    const { id, anomalyId } = readKey(key)
    if (anomalyId === undefined) {
      if (value) this.#restoredGroups.set(id, groupForm.decode(value))
      else this.#restoredGroups.delete(id)
      return
    }
    const members = this.#restoredMembers.get(id) ?? new Map<string, Finding>()
    if (value) members.set(anomalyId, memberForm.decode(value))
    else members.delete(anomalyId)
    this.#restoredMembers.set(id, members)
  }

  resumePoint(): ResumePoint | undefined {
    return this.#lastOffset === undefined ? undefined : { offset: this.#lastOffset + 1, memo: '' }
  }

  #takeRestored(): void {
    if (this.#restoredGroups.size === 0) return
    const inOrder = [...this.#restoredGroups].sort(([, a], [, b]) => a.begun - b.begun)
    for (const [id, state] of inOrder) {
      const members = [...(this.#restoredMembers.get(id)?.values() ?? [])]
      const group = Group.restored(id, state, members)
      this.#groups.add(group)
      for (const { anomalyId } of members) this.#groupOf.set(anomalyId, group)
      this.#begun = state.begun + 1
    }
    this.#restoredGroups = new Map()
    this.#restoredMembers = new Map()
  }

  #take(finding: Finding, out: Output): void {
    const { anomalyId, revision, state } = finding
    // What is corrected after its incident is over stays as it was told.
    if (revision > 0 && !this.#groupOf.has(anomalyId)) return
    const group = this.#groupOf.get(anomalyId) ?? this.#groupFor(finding)
    if (state === 'withdrawn') this.#remove(anomalyId, group, out)
    else if (!this.#groupOf.has(anomalyId) && group.isFull) this.#metrics.leftOut.inc()
    else this.#put(finding, group, out)
    this.#tellNews(group, out)
    if (group.openSeries > 0) out.keep(groupKey(group.id), groupForm.encode(group.state))
    else this.#end(group, out)
  }

  /** The first that it may belong to, or a new one. */
  #groupFor({ anomalyId, series, start }: Finding): Group {
    const scope = scopeOf(series, this.#config.incidentScope)
    const key = scopeKey(scope)
    for (const group of this.#groups)
      if (group.isNear(start, this.#gapMs) && scopeKey(group.scope) === key) return group
    const group = new Group(anomalyId, scope, this.#begun++)
    this.#groups.add(group)
    return group
  }

  #put(finding: Finding, group: Group, out: Output): void {
    group.put(finding)
    this.#groupOf.set(finding.anomalyId, group)
    out.keep(memberKey(group.id, finding.anomalyId), memberForm.encode(finding))
  }

  #remove(anomalyId: string, group: Group, out: Output): void {
    group.remove(anomalyId)
    this.#groupOf.delete(anomalyId)
    out.keep(memberKey(group.id, anomalyId), null)
  }

  #end(group: Group, out: Output): void {
    this.#groups.delete(group)
    for (const anomalyId of group.members.keys()) {
      this.#groupOf.delete(anomalyId)
      out.keep(memberKey(group.id, anomalyId), null)
    }
    out.keep(groupKey(group.id), null)
  }

  #tellNews(group: Group, out: Output): void {
    const state = this.#newsOf(group)
    if (!state) return
    if (state === 'open') this.#metrics.incidents.inc({ severity: group.severity })
    const { incidents } = this.#topics
    const partition = scopePartition(group.scope, this.#context.partitionsOf(incidents))
    out.send(incidents, partition, incidentOf(group, state))
    group.told()
  }

  /** Undefined when there is nothing to tell. */
  #newsOf(group: Group): AnomalyState | undefined {
    const isEnough = group.series >= this.#config.incidentSeries
    if (!group.isTold) return isEnough && group.openSeries > 0 ? 'open' : undefined
    if (group.openSeries === 0) return isEnough ? 'closed' : 'withdrawn'
    return group.isWorse ? 'peak' : undefined
  }
}
