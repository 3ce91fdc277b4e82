import type { LogRecord, Series, Tag } from '../../../shared/avro/types.ts'
import { keyOf } from '../../../shared/series/known-series.ts'
import { hashText, normalizeTags } from '../../../shared/series/series.ts'
import type { Output, StreamRecord, TaskContext } from '../../../shared/stream/task.ts'
import type { Topics } from '../../../shared/stream/topic.ts'
import type { AggregatorConfig } from '../config.ts'
import { KindConflicts } from '../kinds/kind-conflicts.ts'
import type { AggregatorMetrics } from '../metrics.ts'
import { type Contribution, targetOf } from '../rules/contribution.ts'
import type { Contributions } from '../rules/registry.ts'
import type { SeriesTable } from '../windows/series-table.ts'
import type { SeriesEntry, ShortWindow } from '../windows/window.ts'
import { Cardinality, widestTag } from './cardinality.ts'

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
    return this.#standInsFor(series)
  }

  /** The entry of a series that takes points in the record at `offset`; undefined when others stand in for it. */
  entryOf(sent: Series, offset: number): SeriesEntry | undefined {
    return this.#table.get(keyOf(withOwnTags(sent)), offset)
  }

  /**
   * However many series there are beyond the limits, few stand in for them: one for each metric and tenant that has
   * series of its own. Who has none shares: tenants the overflow series without a tenant; metrics are left out, since
   * adding up different ones means nothing. What a cumulative series gained is known only to who remembers its last reading.
   */
  #standInsFor(series: Series): readonly SeriesEntry[] {
    const { metric } = series
    if (!this.#cardinality.hasMetric(metric))
      return this.#leaveOut(`\n\ntenant\n${this.#cardinality.tenantOf(series)}`, series)
    if (series.kind === 'counter') return this.#leaveOut(`\n${metric}\ndropped`, series)
    return [this.#overflowOf(series), ...this.#contributions(series)].map((contribution) =>
      this.#standInFor(contribution, series),
    )
  }

  /** An entry that contributes to nothing, but is told of. */
  #leaveOut(key: string, series: Series): readonly SeriesEntry[] {
    this.#metrics.overflowDropped.inc()
    return [this.#table.standIn(key, { ...series, kind: 'gauge' }, [])]
  }

  #overflowOf(series: Series): Contribution {
    const { metric, kind } = series
    const isKnown = this.#cardinality.hasTenant(this.#cardinality.tenantOf(series))
    return {
      target: targetOf(metric, series, isKnown ? [this.#config.tenantTag] : [], kind, [overflowTag]),
      add: (into, from, _source, aggregates) => aggregates.merge(into, from),
    }
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
    const message = `${excess.of} ${excess.name} has more than ${limit.toLocaleString('en')} series: new ones are counted as overflow${tag}`
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

const overflowTag = { key: 'overflow', value: 'true' }
const isOverflowTag = ({ key, value }: Tag) => key === overflowTag.key && value === overflowTag.value

/** The tag's key, with any number of underscores behind it. Asked of each tag of each series in a record, mostly in vain. */
const isReserved = ({ key }: Tag) => key.startsWith(overflowTag.key) && /^overflow_*$/.test(key)

/** A sender's own tag of that name gets one more underscore, so that its series is not taken for an overflow series. */
function withOwnTags(series: Series): Series {
  if (!series.tags.some(isReserved)) return series
  const tags = series.tags.map((tag) => (isReserved(tag) ? { ...tag, key: `${tag.key}_` } : tag))
  return { ...series, tags: normalizeTags(tags) }
}

/** The limits as they are for one partition: series are spread evenly, and each partition counts its own. */
export function shareOf(config: AggregatorConfig, { inputPartitions }: TaskContext): Cardinality {
  const { maxSeriesPerMetric, maxSeriesPerTenant, tenantTag } = config
  return new Cardinality({
    maxSeriesPerMetric: Math.ceil(maxSeriesPerMetric / inputPartitions),
    maxSeriesPerTenant: Math.ceil(maxSeriesPerTenant / inputPartitions),
    tenantTag,
  })
}
