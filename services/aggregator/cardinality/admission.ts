import type { LogRecord, Series } from '../../../shared/avro/types.ts'
import { keyOf } from '../../../shared/series/known-series.ts'
import { hashText } from '../../../shared/series/series.ts'
import type { Output, StreamRecord, TaskContext } from '../../../shared/stream/task.ts'
import type { Topics } from '../../../shared/stream/topic.ts'
import type { AggregatorConfig } from '../config.ts'
import { KindConflicts } from '../kinds/kind-conflicts.ts'
import type { AggregatorMetrics } from '../metrics.ts'
import type { Contribution } from '../rules/contribution.ts'
import type { Contributions } from '../rules/registry.ts'
import type { SeriesTable } from '../windows/series-table.ts'
import type { SeriesEntry, ShortWindow } from '../windows/window.ts'
import { Cardinality, widestTag } from './cardinality.ts'
import { isOverflowTag, keyBeyond, overflowOf, whoseBeyond, withOwnTags } from './overflow.ts'

const service = 'tidemark-aggregator'

/**
 * Decides which series get windows of their own. Beyond the limits a series is counted in
 * `metric{overflow="true"}` and in the roll-ups that it belongs to, and an event tells which tag has exploded.
 */
export class Admission {
  readonly #topics: Topics
  readonly #context: TaskContext
  readonly #table: SeriesTable
  readonly #contributions: Contributions
  readonly #metrics: AggregatorMetrics
  readonly #cardinality: Cardinality
  readonly #config: AggregatorConfig
  readonly #conflicts: KindConflicts
  readonly #mixedSets: KindConflicts
  /** Stand-ins for series that are counted nowhere. */
  readonly #leftOut = new WeakSet<SeriesEntry>()

  constructor(
    config: AggregatorConfig,
    topics: Topics,
    context: TaskContext,
    table: SeriesTable,
    contributions: Contributions,
    cardinality: Cardinality,
    metrics: AggregatorMetrics,
  ) {
    this.#config = config
    this.#topics = topics
    this.#context = context
    this.#table = table
    this.#contributions = contributions
    this.#cardinality = cardinality
    this.#metrics = metrics
    this.#conflicts = new KindConflicts(
      context,
      metrics,
      'its points are taken for the former, until the series has been silent for so long that it is forgotten',
    )
    this.#mixedSets = new KindConflicts(
      context,
      metrics,
      'its points are left out, until the series has been silent for so long that it is forgotten',
    )
  }

  /** The entries that take the points of a series which is first seen, or was last, in the record at `offset`. */
  entriesOf(sent: Series, offset: number): readonly SeriesEntry[] {
    const series = withOwnTags(sent)
    const key = keyOf(series)
    const known = this.#table.get(key, offset)
    if (known) {
      // What stands for members of a set is no value, and a value for no member.
      if ((known.series.kind === 'set') === (series.kind === 'set')) this.#conflicts.note(known, series)
      else if (this.#mixedSets.note(known, series)) return []
      return [known]
    }
    const excess = this.#cardinality.excessOf(series)
    if (!excess && !this.#table.wasRefused(key, offset)) return [this.#table.add(key, series, offset)]
    this.#metrics.overflowed.inc({ limit: excess?.of ?? 'metric' })
    return this.#standInsFor(series, key, offset)
  }

  /** The entry of a series that takes points in the record at `offset`; undefined when others stand in for it. */
  entryOf(sent: Series, offset: number): SeriesEntry | undefined {
    return this.#table.get(keyOf(withOwnTags(sent)), offset)
  }

  /**
   * However many series there are beyond the limits, few stand in for them: one for each metric and tenant that has
   * series of its own. Who has none shares: tenants the overflow series without a tenant; metrics are left out, since
   * adding up different ones means nothing.
   */
  #standInsFor(series: Series, key: string, offset: number): readonly SeriesEntry[] {
    const { metric } = series
    if (!this.#cardinality.hasMetric(metric))
      return this.#leaveOut(`\n\ntenant\n${this.#cardinality.tenantOf(series)}`, series)
    if (series.kind === 'counter') return this.#beyond(series, key, offset)
    return [this.#overflowOf(series), ...this.#contributions(series)].map((contribution) =>
      this.#standInFor(contribution, series),
    )
  }

  /** A cumulative series can't share a stand-in: it is remembered by itself, and left out when too many are. */
  #beyond(series: Series, within: string, offset: number): readonly SeriesEntry[] {
    const { metric } = series
    const [ofTenant, ofAll] = [keyBeyond(within, 'tenant'), keyBeyond(within, 'all')]
    const [key, other] = this.#hasTenant(series) ? [ofTenant, ofAll] : [ofAll, ofTenant]
    const isRefused = () => !this.#cardinality.hasRoomBeyond || this.#table.wasRefused(key, offset)
    const known = this.#table.get(key, offset) ?? this.#table.get(other, offset)
    if (!known && isRefused()) return this.#leaveOut(`\n${metric}\ndropped`, series)
    return [known ?? this.#table.add(key, series, offset), this.#nothing(`\n${metric}\ntold`, series)]
  }

  #leaveOut(key: string, series: Series): readonly SeriesEntry[] {
    this.#metrics.overflowDropped.inc()
    const entry = this.#nothing(key, series)
    this.#leftOut.add(entry)
    return [entry]
  }

  /** An entry that contributes to nothing, but is told of. */
  #nothing(key: string, series: Series): SeriesEntry {
    return this.#table.standIn(key, { ...series, kind: 'gauge' }, [])
  }

  #hasTenant(series: Series): boolean {
    return this.#cardinality.hasTenant(this.#cardinality.tenantOf(series))
  }

  #overflowOf(series: Series): Contribution {
    return overflowOf(series, this.#hasTenant(series) ? this.#config.tenantTag : undefined)
  }

  /** One entry for all series that contribute alike: of one metric and kind, to one target, and to the same part of a ratio. */
  #standInFor(contribution: Contribution, series: Series): SeriesEntry {
    const { target, part = '' } = contribution
    const key = `\n${series.metric}\n${series.kind}\n${target.key}\n${part}`
    return this.#table.standIn(key, series, [contribution])
  }

  /** Not one that stands in for the series in a roll-up: an explosion is told of once. */
  #isOverflow({ contributions }: SeriesEntry): boolean {
    return contributions.every(({ target }) => target.series.tags.some(isOverflowTag))
  }

  /** Tells, when a stand-in opens a window, what has exploded. */
  tell({ entry }: ShortWindow, { offset, timestamp }: StreamRecord<unknown>, out: Output): void {
    if (!this.#isOverflow(entry)) return
    const excess = this.#cardinality.excessOf(entry.series)
    if (!excess) return
    const limit = excess.of === 'metric' ? this.#config.maxSeriesPerMetric : this.#config.maxSeriesPerTenant
    const widest = widestTag(this.#table, excess, this.#config.tenantTag)
    const tag = widest ? `; its tag ${widest.tag} has ${widest.values.toLocaleString('en')} values here` : ''
    const fate = this.#leftOut.has(entry) ? 'left out' : 'counted as overflow'
    const message = `${excess.of} ${excess.name} has more than ${limit.toLocaleString('en')} series: new ones are ${fate}${tag}`
    const { topic, partition, log } = this.#context
    log.warn({ topic, partition, offset, [excess.of]: excess.name, tag: widest?.tag }, message)
    const event: LogRecord = {
      id: `${topic}-${partition}-${offset}-overflow-${hashText(entry.key).toString(36)}`,
      time: timestamp,
      service,
      host: '',
      level: 'warn',
      message,
      traceId: null,
      spanId: null,
      attributes: {
        'event.action': 'series-overflow',
        [excess.of]: excess.name,
        ...(widest && { tag: widest.tag }),
      },
    }
    const { logs } = this.#topics
    const source = {
      topic,
      partition,
      firstOffset: offset,
      lastOffset: offset,
      lastTimestamp: timestamp,
      partitions: this.#context.inputPartitions,
    }
    out.send(logs, hashText(service) % this.#context.partitionsOf(logs), {
      source,
      logs: [event],
      packed: null,
    })
  }
}

/** What series contribute by their keys: those beyond the limits that are remembered, to their overflow series too. */
export function contributionsBeyond({ tenantTag }: AggregatorConfig, contributions: Contributions) {
  return (series: Series, key: string): readonly Contribution[] => {
    const whose = whoseBeyond(key)
    if (!whose) return contributions(series)
    return [overflowOf(series, whose === 'tenant' ? tenantTag : undefined), ...contributions(series)]
  }
}

/** The limits as they are for one partition: series are spread evenly, and each partition counts its own. */
export function shareOf(config: AggregatorConfig, { inputPartitions }: TaskContext): Cardinality {
  const { maxSeriesPerMetric, maxSeriesPerTenant, maxOverflowCounters, tenantTag } = config
  return new Cardinality({
    maxSeriesPerMetric: Math.ceil(maxSeriesPerMetric / inputPartitions),
    maxSeriesPerTenant: Math.ceil(maxSeriesPerTenant / inputPartitions),
    maxBeyond: Math.ceil(maxOverflowCounters / inputPartitions),
    tenantTag,
  })
}
