import { setTimeout as delay } from 'node:timers/promises'
import type { FetchedBatch, GroupListener } from '../kafka/consumer-group.ts'
import type { Progress } from './lag.ts'
import type { TopicPartition } from './task.ts'
import { TaskRunner } from './task-runner.ts'
import type { WorkerContext } from './worker-context.ts'

/**
 * The partitions that are this worker's, each with its runner, as the group hands them out. State partitions come
 * along with those of their inputs and belong to the same runners.
 */
export class Assignment implements GroupListener {
  readonly #context: WorkerContext
  /** The input topic of each state topic. */
  readonly #inputs: ReadonlyMap<string, string>
  readonly #runners = new Map<string, TaskRunner>()
  /** Runners that lost their partition and have not ended yet. */
  readonly #ending = new Map<string, Promise<void>>()
  #interruptedAt: number | undefined

  constructor(context: WorkerContext) {
    this.#context = context
    this.#inputs = new Map([...context.stateTopics].map(([input, state]) => [state, input]))
  }

  /**
   * Keeps the runners of partitions that stay, ends those of partitions that went, starts new ones. What a new member
   * still has in hand of its former membership may be old: transactions refuse it then, a store can't.
   */
  assigned(places: readonly TopicPartition[], membership: { readonly isNew: boolean }): void {
    this.#context.metrics.rebalances.inc()
    const mine = new Set(places.map(keyOf))
    for (const [key, runner] of this.#runners) {
      if (mine.has(key) && !(membership.isNew && runner.writesOutside)) runner.resumeFetching()
      else this.#end(key, runner)
    }
    for (const place of places) {
      const key = keyOf(place)
      if (this.#runners.has(key) || this.#inputs.has(place.topic)) continue
      const runner = new TaskRunner(this.#context, place)
      this.#runners.set(key, runner)
      runner.start(this.#ending.get(key))
    }
    this.#context.health.setReady('group')
    void this.#observeStall()
  }

  fetched(batch: FetchedBatch): void {
    this.#runners.get(this.#keyOf(batch))?.offer(batch)
  }

  skipped(topic: string, partition: number, nextOffset: number): void {
    this.#runners.get(this.#keyOf({ topic, partition }))?.skip(topic, nextOffset)
  }

  interrupted(reason: string): void {
    this.#interruptedAt ??= this.#context.now()
    this.#context.health.setNotReady('group', reason)
  }

  failed(error: Error): void {
    this.#context.onBug(error)
  }

  /** A runner that was fenced has ended by itself; the next assignment may start another. */
  forget(place: TopicPartition): void {
    this.#runners.delete(keyOf(place))
  }

  /** Where the tasks are that run. */
  progress(): readonly Progress[] {
    return [...this.#runners.values()].flatMap((runner) => runner.progress() ?? [])
  }

  /** Whether a new assignment is on its way. */
  get isInterrupted(): boolean {
    return this.#interruptedAt !== undefined
  }

  /** Commits what is done and closes all transactions, or gives up after `patienceMs`. */
  async close(patienceMs: number): Promise<void> {
    const closed = Promise.all([...this.#runners.values()].map((runner) => runner.close({ commit: true })))
    const late = await Promise.race([closed.then(() => false), delay(patienceMs, true, { ref: false })])
    if (late)
      this.#context.log.warn(
        'not everything could be committed in time: whoever takes the partitions over does it again',
      )
    this.#runners.clear()
  }

  async #observeStall(): Promise<void> {
    const since = this.#interruptedAt
    if (since === undefined) return
    this.#interruptedAt = undefined
    await Promise.all([...this.#runners.values()].map(({ running }) => running))
    this.#context.metrics.rebalanceStallSeconds.observe((this.#context.now() - since) / 1000)
  }

  /** The new owner of its partition fences it: nothing may be committed any more, and nothing has to be. */
  #end(key: string, runner: TaskRunner): void {
    this.#runners.delete(key)
    const ended = runner.close({ commit: false }).finally(() => {
      if (this.#ending.get(key) === ended) this.#ending.delete(key)
    })
    this.#ending.set(key, ended)
  }

  /** The key of the runner that a partition, of an input or of a state topic, belongs to. */
  #keyOf({ topic, partition }: TopicPartition): string {
    return keyOf({ topic: this.#inputs.get(topic) ?? topic, partition })
  }
}

const keyOf = ({ topic, partition }: TopicPartition) => `${topic}-${partition}`
