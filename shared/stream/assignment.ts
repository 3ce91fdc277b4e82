import type { ConsumerGroup, FetchedBatch, GroupListener } from '../kafka/consumer-group.ts'
import type { TopicPartition } from './task.ts'
import { TaskRunner } from './task-runner.ts'
import type { WorkerContext } from './worker-context.ts'

/** The partitions that are this worker's, each with its runner, as the group hands them out. */
export class Assignment implements GroupListener {
  readonly #context: WorkerContext
  readonly #group: () => ConsumerGroup
  readonly #runners = new Map<string, TaskRunner>()

  constructor(context: WorkerContext, group: () => ConsumerGroup) {
    this.#context = context
    this.#group = group
  }

  /** Keeps the runners of partitions that stay, ends those of partitions that went, starts new ones. */
  assigned(places: readonly TopicPartition[]): void {
    this.#context.metrics.rebalances.inc()
    const mine = new Set(places.map(keyOf))
    for (const [key, runner] of this.#runners) {
      if (mine.has(key)) runner.resumeFetching()
      else {
        this.#runners.delete(key)
        // Its new owner fences it: nothing may be committed any more, and nothing has to be.
        void runner.close({ commit: false })
      }
    }
    for (const place of places) {
      if (this.#runners.has(keyOf(place))) continue
      this.#group().pause(place.topic, place.partition)
      const runner = new TaskRunner(this.#context, place)
      this.#runners.set(keyOf(place), runner)
      runner.start()
    }
    this.#context.health.setReady('group')
  }

  fetched(batch: FetchedBatch): void {
    this.#runners.get(keyOf(batch))?.offer(batch)
  }

  skipped(topic: string, partition: number, nextOffset: number): void {
    this.#runners.get(keyOf({ topic, partition }))?.skip(nextOffset)
  }

  interrupted(reason: string): void {
    this.#context.health.setNotReady('group', reason)
  }

  /** A runner that was fenced has ended by itself; the next assignment may start another. */
  forget(place: TopicPartition): void {
    this.#runners.delete(keyOf(place))
  }

  /** Commits what is done and closes all transactions. */
  async close(): Promise<void> {
    await Promise.all([...this.#runners.values()].map((runner) => runner.close({ commit: true })))
    this.#runners.clear()
  }
}

const keyOf = ({ topic, partition }: TopicPartition) => `${topic}-${partition}`
