import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'vitest'
import { Codec } from '../../shared/avro/codec.ts'
import { BadRecordError } from '../../shared/errors.ts'
import type { FetchedBatch } from '../../shared/kafka/consumer-group.ts'
import type { Commit } from '../../shared/kafka/transactional-producer.ts'
import { createHealth } from '../../shared/observability/health.ts'
import { createLogger } from '../../shared/observability/logger.ts'
import { createMetrics } from '../../shared/observability/metrics.ts'
import { workerSection } from '../../shared/stream/config.ts'
import { OutputBuffer } from '../../shared/stream/output-buffer.ts'
import { OwnCommits } from '../../shared/stream/own-commits.ts'
import type { Task } from '../../shared/stream/task.ts'
import { type WorkerContext, workerMetrics } from '../../shared/stream/worker-context.ts'
import { topics } from './task-context.ts'

/** The partition that is read. */
export const place = { topic: 'input', partition: 0 }

/** What a runner has around it, moved by hand: the offsets that its task was given, and what it refuses of them. */
export class Surroundings {
  readonly seen: number[] = []
  readonly commits: Commit[] = []
  readonly seeks: number[] = []
  readonly stateSeeks: number[] = []
  readonly ranges: Record<string, { readonly start: number; readonly end: number }> = {}
  readonly bugs: Error[] = []
  readonly fenced: object[] = []
  opened = 0
  barriers = 0
  committed: { offset: number; metadata: string } | undefined
  failing: Error[] = []
  readonly health = createHealth()
  lapse: Promise<void> | undefined
  readonly context: WorkerContext

  constructor(task: Partial<Task<unknown>> = {}, stateTopics: ReadonlyMap<string, string> = new Map()) {
    const codec = new Codec({ register: async () => 1, schema: async () => undefined })
    const metrics = createMetrics()
    this.context = {
      config: workerSection.schema.parse({
        commitIntervalMs: 20,
        backlogCommitIntervalMs: 20,
        maxBatchRecords: 2,
        retryBackoffMs: 10,
        maxRetryBackoffMs: 10,
      }),
      groupId: 'group',
      admin: {
        // An answer from before the write would be an old one.
        committed: async () => (this.barriers === this.opened ? this.committed : undefined),
        ranges: async (topic) => new Map([[0, this.ranges[topic] ?? { start: 0, end: 100 }]]),
      },
      group: {
        seek: (topic, _, offset) => (topic === place.topic ? this.seeks : this.stateSeeks).push(offset),
        pause: () => undefined,
        resume: () => undefined,
        lapse: () => this.lapse,
      },
      decoder: {
        isReady: () => true,
        prepare: async () => undefined,
        decode: ({ offset }) => {
          if (offset === 13) throw new BadRecordError('unlucky', 'this one')
          return offset
        },
      },
      stateTopics,
      ownCommits: new OwnCommits(),
      readPartitions: async () => undefined,
      log: createLogger('test', 'silent'),
      health: this.health,
      metrics: workerMetrics(metrics),
      openTransactions: async () => {
        this.opened++
        return {
          commit: async (commit) => {
            const error = this.failing.shift()
            if (error) throw error
            this.commits.push(commit)
            this.committed = { offset: commit.offset, metadata: commit.metadata }
          },
          writeBarrier: async () => {
            this.barriers++
          },
          close: async () => undefined,
        }
      },
      createTask: () => ({
        process: (batch) => {
          this.seen.push(...batch.map(({ offset }) => offset))
        },
        ...task,
      }),
      newOutput: (_, state) =>
        new OutputBuffer(
          codec,
          { topic: topics.deadletter, partition: 0, stage: 'test', onReject: () => undefined },
          state,
        ),
      now: Date.now,
      onFenced: (one) => this.fenced.push(one),
      onBug: (error) => this.bugs.push(error),
    }
    // The dead letters' writer.
    void codec.prepareWriter(topics.deadletter.name, topics.deadletter.schema)
  }
}

/** Records of these offsets, as a fetch brings them. */
export const batch = (first: number, last: number): FetchedBatch => ({
  ...place,
  fetchedOffset: first,
  nextOffset: last + 1,
  highWatermark: last + 1,
  messages: Array.from({ length: last - first + 1 }, (_, i) => ({
    position: first + i,
    time: 1,
    isAppendTime: false,
    valueBytes: 1,
    key: null,
    value: Buffer.from('x'),
    headers: {},
  })),
})

/** Lets what is under way come to its end; a bounded number of turns, so that a fault shows. */
export async function until(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 1_000_000 && !isTrue(); i++) await turn()
  expect(isTrue()).toBe(true)
}
