import type { Partial, PartialBatch } from '../../../shared/avro/types.ts'
import { chunks } from '../../../shared/stream/chunks.ts'
import type { EventTime, Output } from '../../../shared/stream/task.ts'
import type { Topic } from '../../../shared/stream/topic.ts'
import type { Aggregate, Aggregates } from '../windows/aggregate.ts'
import { aggregateBytes, figureBytes, maxRecordBytes, seriesBytes } from '../windows/record-size.ts'
import type { Pane, ShortWindow } from '../windows/window.ts'
import type { Contribution, Target } from './contribution.ts'

/** The windows of one pane that contribute to one target, and of a roll-up are of one kind. */
interface Group {
  readonly target: Target
  readonly members: { readonly window: ShortWindow; readonly contribution: Contribution }[]
  /** The next one to be sent. */
  revision: number
}

interface Groups {
  readonly byTarget: Map<string, Group>
  readonly known: Set<ShortWindow>
}

/** What `PartialSender` knows of its surroundings. */
interface PartialOptions {
  readonly topic: Topic<PartialBatch>
  /** Of the partials topic. */
  readonly partitions: number
  /** The partition of the points topic that is worked on, and how many there are. */
  readonly partition: number
  readonly inputPartitions: number
  /** Whether targets are to be told of the watermark although nothing contributes to them. */
  readonly hasRules: boolean
}

/**
 * Merges the windows of a pane by the targets that they contribute to, and sends what comes of it to the partition of
 * each target, where the parts of all partitions meet. When a pane ends every partition is told the watermark, so that
 * it knows what it need not wait for.
 */
export class PartialSender {
  readonly #options: PartialOptions
  readonly #aggregates: Aggregates
  readonly #aggregateOf: (window: ShortWindow) => Aggregate
  /** Goes with its pane. */
  readonly #groups = new WeakMap<Pane, Groups>()

  constructor(
    options: PartialOptions,
    aggregates: Aggregates,
    aggregateOf: (window: ShortWindow) => Aggregate,
  ) {
    this.#options = options
    this.#aggregates = aggregates
    this.#aggregateOf = aggregateOf
  }

  /** These windows of the pane are new or have changed. `timestamp` is that of the record that brought it about. */
  send(
    pane: Pane,
    windows: readonly ShortWindow[],
    watermark: EventTime,
    timestamp: number,
    out: Output,
  ): void {
    const contributing = windows.filter(({ entry }) => entry.contributions.length > 0)
    const { hasRules } = this.#options
    if (contributing.length === 0 && !hasRules) return
    const isFirst = !this.#groups.has(pane)
    const groups = this.#groups.get(pane) ?? { byTarget: new Map(), known: new Set() }
    this.#groups.set(pane, groups)
    const changed = new Set<Group>()
    for (const window of contributing) this.#join(window, groups, changed)
    if (out.isDiscarded) {
      for (const group of changed) group.revision++
      return
    }
    const byPartition = Map.groupBy(changed, ({ target }) => target.hash % this.#options.partitions)
    const isHeard = isFirst && (hasRules || changed.size > 0)
    for (let partition = 0; partition < this.#options.partitions; partition++) {
      const partials = (byPartition.get(partition) ?? []).map((group) => this.#partialOf(group, pane))
      if (partials.length > 0 || isHeard) this.#sendTo(partition, partials, watermark, timestamp, out)
    }
  }

  /**
   * Tells all partitions how far this one has come, though there is nothing for them; with `isIdle`, that they need not
   * wait for it until it tells more. Without rules nobody is told anything, unless there is overflow.
   */
  tell(watermark: EventTime, timestamp: number, isIdle: boolean, out: Output): void {
    if (!this.#options.hasRules) return
    for (let partition = 0; partition < this.#options.partitions; partition++)
      this.#sendTo(partition, [], watermark === -Infinity ? notYet : watermark, timestamp, out, isIdle)
  }

  #join(window: ShortWindow, { byTarget, known }: Groups, changed: Set<Group>): void {
    const isNew = !known.has(window)
    known.add(window)
    for (const contribution of window.entry.contributions) {
      const { target } = contribution
      const key = `${target.series.kind} ${target.key}`
      let group = byTarget.get(key)
      if (!group) {
        group = { target, members: [], revision: 0 }
        byTarget.set(key, group)
      }
      if (isNew) group.members.push({ window, contribution })
      changed.add(group)
    }
  }

  #partialOf(group: Group, { start }: Pane): Partial {
    const { target, members } = group
    const total = this.#aggregates.create()
    for (const { window, contribution } of members)
      contribution.add(total, this.#aggregateOf(window), window.entry.series, this.#aggregates)
    const aggregate = this.#aggregates.toRecord(total)
    this.#aggregates.free(total)
    return { series: target.series, start, revision: group.revision++, aggregate }
  }

  #sendTo(
    partition: number,
    partials: readonly Partial[],
    watermark: EventTime,
    timestamp: number,
    out: Output,
    isIdle = false,
  ): void {
    const { topic, partition: source, inputPartitions, hasRules } = this.#options
    const cut = [...chunks(partials, bytesOf, { maxSize: maxRecordBytes })]
    // Also without parts: the watermark is to be told.
    for (const [i, chunk] of (cut.length > 0 ? cut : [[]]).entries()) {
      out.send(topic, partition, {
        partition: source,
        partitions: inputPartitions,
        // Before the last record more is to come for these windows.
        watermark: i < cut.length - 1 ? notYet : watermark,
        timestamp,
        partials: chunk,
        isIdle: hasRules ? isIdle : null,
      })
    }
  }
}

const bytesOf = ({ series, aggregate }: Partial) =>
  figureBytes + seriesBytes(series) + aggregateBytes(aggregate)

/** Tells nothing of time. Avro's client takes smaller ones for a long too, but reads them back without their sign. */
export const notYet: EventTime = -(2 ** 52)
