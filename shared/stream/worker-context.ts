import type { KafkaAdmin } from '../kafka/admin.ts'
import type { ConsumerGroup } from '../kafka/consumer-group.ts'
import type { TransactionalProducer } from '../kafka/transactional-producer.ts'
import type { Health } from '../observability/health.ts'
import type { Logger } from '../observability/logger.ts'
import type { Counter, Gauge, Histogram, Metrics } from '../observability/metrics.ts'
import type { WorkerConfig } from './config.ts'
import type { Decoder } from './decoder.ts'
import type { OutputBuffer } from './output-buffer.ts'
import type { OwnCommits } from './own-commits.ts'
import type { Task, TopicPartition } from './task.ts'

/** What the runners of one worker share. */
export interface WorkerContext {
  readonly config: WorkerConfig
  readonly groupId: string
  readonly admin: Pick<KafkaAdmin, 'committed' | 'ranges'>
  readonly group: Pick<ConsumerGroup, 'seek' | 'pause' | 'resume' | 'lapse'>
  readonly decoder: Decoder
  readonly ownCommits: OwnCommits
  /** Of each input topic with long state, the topic where it is kept. */
  readonly stateTopics: ReadonlyMap<string, string>
  readonly log: Logger
  readonly health: Health
  readonly metrics: WorkerMetrics
  /** Asks how many partitions the topics have now, for the next task. Throws ConfigurationError when they don't fit together. */
  readPartitions(): Promise<void>
  /** Takes over a transactional id, which fences its former owner. */
  openTransactions(id: string): Promise<Pick<TransactionalProducer, 'commit' | 'close' | 'writeBarrier'>>
  createTask(place: TopicPartition, memo: string | undefined): Task<unknown>
  /** `state` is where the task's long state goes, if it has one. */
  newOutput(place: TopicPartition, state: TopicPartition | undefined): OutputBuffer
  /** Wall time, milliseconds. */
  now(): number
  /** Another owner has taken a partition over: leave the group and join again. */
  onFenced(place: TopicPartition): void
  /** An error that nobody expected, or that only an operator can mend: the process ends. */
  onBug(error: Error): void
}

interface WorkerMetrics {
  readonly recordsIn: Counter<'topic'>
  readonly recordsOut: Counter<'topic'>
  readonly rejected: Counter<'reason'>
  readonly rebalanceStallSeconds: Histogram
  readonly commitSeconds: Histogram
  readonly stateRecords: Gauge<'topic' | 'partition'>
  readonly stateBytes: Gauge<'topic' | 'partition'>
  readonly damagedState: Counter<'topic'>
  readonly restoreSeconds: Histogram
  readonly rebalances: Counter
  readonly restarts: Counter
}

export function workerMetrics(metrics: Metrics): WorkerMetrics {
  return {
    recordsIn: metrics.counter({
      name: 'records_in_total',
      help: 'Records processed, by input topic.',
      labels: ['topic'],
    }),
    recordsOut: metrics.counter({
      name: 'records_out_total',
      help: 'Records committed, by output topic.',
      labels: ['topic'],
    }),
    rejected: metrics.counter({
      name: 'records_rejected_total',
      help: 'Records sent to the dead-letter topic, whole or in part, by reason.',
      labels: ['reason'],
    }),
    commitSeconds: metrics.histogram({
      name: 'commit_seconds',
      help: 'Time of a transaction, from its first produce request to its end.',
      buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    }),
    stateRecords: metrics.gauge({
      name: 'state_records',
      help: 'Records of a state partition: those read when its task started, and those written since.',
      labels: ['topic', 'partition'],
    }),
    stateBytes: metrics.gauge({
      name: 'state_bytes',
      help: 'Their size, keys and values, before compression and compaction.',
      labels: ['topic', 'partition'],
    }),
    damagedState: metrics.counter({
      name: 'state_damaged_total',
      help: 'State entries that could not be read back and were left out.',
      labels: ['topic'],
    }),
    restoreSeconds: metrics.histogram({
      name: 'state_restore_seconds',
      help: 'Time to read the state of a task back before it starts.',
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    }),
    rebalances: metrics.counter({
      name: 'rebalances_total',
      help: 'Times that the group gave this worker an assignment.',
    }),
    rebalanceStallSeconds: metrics.histogram({
      name: 'rebalance_stall_seconds',
      help: 'Time from the interruption of the group, by a rebalance or a failure, until all tasks of the new assignment run.',
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    }),
    restarts: metrics.counter({
      name: 'task_restarts_total',
      help: 'Times that a task began again from its last commit.',
    }),
  }
}
