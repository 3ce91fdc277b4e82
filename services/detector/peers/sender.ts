import type { PeerSample, PeerSamples, Series, WindowStep } from '../../../shared/avro/types.ts'
import { keyOf } from '../../../shared/series/known-series.ts'
import { hashText } from '../../../shared/series/series.ts'
import { chunks } from '../../../shared/stream/chunks.ts'
import type { EventTime, Output, TaskContext } from '../../../shared/stream/task.ts'
import type { Topics } from '../../../shared/stream/topic.ts'
import { type GroupPlace, type GroupWindowsPlace, groupKeyOf } from './gathered.ts'
import type { GroupTarget } from './group-rules.ts'

/** Of records, before they are packed. */
const maxRecordSize = 500_000

/** What is sent of one record of the windows topic. */
interface Source {
  readonly step: WindowStep
  /** How far the partition has come, if it has come further; null otherwise. */
  readonly watermark: EventTime | null
  /** When the windows were appended. */
  readonly timestamp: number
}

/** Rules of one kind: each finds at most one group of a series. */
interface Rules {
  targetOf(series: Series): GroupTarget | undefined
}

interface Gathered extends Omit<PeerSamples, 'samples'> {
  readonly samples: PeerSample[]
}

/**
 * Sends what the windows of one partition say of series that are compared with their siblings to where these meet: all of a
 * group to one partition of the peers topic. All of its partitions are told how far this one has come.
 */
export class PeerSender {
  readonly #rules: readonly Rules[]
  readonly #topics: Topics
  readonly #context: TaskContext
  readonly #partitions: number
  /** By partition, then by group. */
  readonly #gathered = new Map<number, Map<string, Gathered>>()

  constructor(rules: readonly Rules[], topics: Topics, context: TaskContext) {
    this.#rules = rules
    this.#topics = topics
    this.#context = context
    this.#partitions = context.partitionsOf(topics.peers)
  }

  add(series: Series, windows: GroupWindowsPlace, start: EventTime, value: number): void {
    for (const rules of this.#rules) {
      const target = rules.targetOf(series)
      if (target) this.#gather({ ...target, ...windows }, { series, start, value })
    }
  }

  /** Called after each record of windows, so that what is sent depends on the log alone. */
  flush(source: Source, out: Output): void {
    for (let partition = 0; partition < this.#partitions; partition++) {
      const groups = this.#gathered.get(partition)
      if (groups || source.watermark !== null)
        this.#send(partition, [...(groups?.values() ?? [])], source, out)
    }
    this.#gathered.clear()
  }

  #gather(place: GroupPlace, sample: PeerSample): void {
    const key = groupKeyOf(place)
    const partition = hashText(key) % this.#partitions
    let groups = this.#gathered.get(partition)
    if (!groups) {
      groups = new Map()
      this.#gathered.set(partition, groups)
    }
    let gathered = groups.get(key)
    if (!gathered) {
      const { rule, group, statistic, sizeMs } = place
      gathered = { rule, group, statistic, sizeMs, samples: [] }
      groups.set(key, gathered)
    }
    gathered.samples.push(sample)
  }

  #send(partition: number, groups: readonly Gathered[], source: Source, out: Output): void {
    const { step, watermark, timestamp } = source
    const cut = [...chunks(groups, sizeOf, { maxSize: maxRecordSize })]
    // Also without samples: the watermark is to be told.
    for (const [i, chunk] of (cut.length > 0 ? cut : [[]]).entries())
      out.send(this.#topics.peers, partition, {
        step,
        partition: this.#context.partition,
        partitions: this.#context.inputPartitions,
        // Before the last record more is to come.
        watermark: i < cut.length - 1 ? null : watermark,
        timestamp,
        groups: chunk,
      })
  }
}

const sizeOf = ({ group, samples }: Gathered) =>
  samples.reduce((sum, { series }) => sum + 30 + keyOf(series).length, 100 + keyOf(group).length)
