import type { LogRecord, Series } from '../../shared/avro/types.ts'
import { hashText } from '../../shared/series/series.ts'
import type { Output, TaskContext } from '../../shared/stream/task.ts'
import type { Topics } from '../../shared/stream/topic.ts'
import { Cardinality, type Excess, widestTag } from './cardinality.ts'
import type { AggregatorConfig } from './config.ts'
import type { AggregatorMetrics } from './metrics.ts'
import { type Contribution, targetOf } from './rules/contribution.ts'
import type { Contributions } from './rules/registry.ts'
import type { SeriesTable } from './windows/series-table.ts'
import type { SeriesEntry } from './windows/window.ts'

const service = 'tidemark-aggregator'

/** A metric or tenant that stays over its limit is told of once in so many records. */
const recordsBetweenEvents = 100_000

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
  readonly #tenantTag: string
  readonly #limits: { readonly metric: number; readonly tenant: number }
  /** The offset of the last event, by what it was about. */
  readonly #told = new Map<string, number>()

  constructor(
    config: AggregatorConfig,
    topics: Topics,
    context: TaskContext,
    table: SeriesTable,
    contributions: Contributions,
    metrics: AggregatorMetrics,
  ) {
    const { maxSeriesPerMetric, maxSeriesPerTenant, tenantTag } = config
    // Series are spread evenly over the partitions, and each partition counts its own.
    const share = (limit: number) => Math.ceil(limit / context.inputPartitions)
    this.#limits = { metric: maxSeriesPerMetric, tenant: maxSeriesPerTenant }
    this.#topics = topics
    this.#context = context
    this.#table = table
    this.#contributions = contributions
    this.#metrics = metrics
    this.#tenantTag = tenantTag
    this.#cardinality = new Cardinality({
      maxSeriesPerMetric: share(maxSeriesPerMetric),
      maxSeriesPerTenant: share(maxSeriesPerTenant),
      tenantTag,
    })
    table.watch(this.#cardinality)
  }

  /** The entries that take the points of a series; `known` is its own, if there is one. */
  entriesOf(
    key: string,
    series: Series,
    known: SeriesEntry | undefined,
    offset: number,
    out: Output,
  ): readonly SeriesEntry[] {
    if (known) {
      this.#table.count(known)
      return known.alone
    }
    const excess = this.#cardinality.excessOf(series)
    if (!excess) return this.#table.add(key, series, offset).alone
    this.#metrics.overflowed.inc({ limit: excess.of })
    this.#tell(excess, offset, out)
    // What a cumulative series gained is known only to who remembers its last reading.
    if (series.kind === 'counter') {
      this.#metrics.overflowDropped.inc()
      return []
    }
    return [this.#overflowOf(series), ...this.#contributions(series)].map((contribution) =>
      this.#standIn(contribution, series, offset),
    )
  }

  #overflowOf(series: Series): Contribution {
    const tag = { key: 'overflow', value: 'true' }
    return {
      target: targetOf(series.metric, series, [this.#tenantTag], series.kind, [tag]),
      add: (into, from, _source, aggregates) => aggregates.merge(into, from),
    }
  }

  /** One entry a target and metric, so that a ratio's parts stay apart. */
  #standIn(contribution: Contribution, series: Series, offset: number): SeriesEntry {
    const key = `\n${series.metric}\n${contribution.target.key}`
    const stranger = { ...series, tags: [] }
    return this.#table.get(key) ?? this.#table.addStandIn(key, stranger, offset, [contribution])
  }

  #tell(excess: Excess, offset: number, out: Output): void {
    const about = `${excess.of}:${excess.name}`
    const last = this.#told.get(about)
    if (last !== undefined && offset - last < recordsBetweenEvents) return
    this.#told.set(about, offset)
    const widest = widestTag(this.#table, excess, this.#tenantTag)
    const tag = widest ? `; its tag ${widest.tag} has ${widest.values.toLocaleString('en')} values here` : ''
    const message = `${excess.of} ${excess.name} has more than ${this.#limits[excess.of].toLocaleString('en')} series: new ones are counted as overflow${tag}`
    const { topic, partition, log } = this.#context
    log.warn({ topic, partition, offset, [excess.of]: excess.name, tag: widest?.tag }, message)
    const event: LogRecord = {
      id: `${topic}-${partition}-${offset}-overflow-${hashText(about).toString(36)}`,
      time: this.#lastTime,
      service,
      host: '',
      level: 'warn',
      message,
      traceId: null,
      spanId: null,
      attributes: { 'event.action': 'series-overflow', [excess.of]: excess.name, ...(widest && { tag: widest.tag }) },
    }
    const { logs } = this.#topics
    const source = { topic, partition, firstOffset: offset, lastOffset: offset, lastTimestamp: 0, partitions: 0 }
    out.send(logs, hashText(service) % this.#context.partitionsOf(logs), { source, logs: [event] })
  }
}
