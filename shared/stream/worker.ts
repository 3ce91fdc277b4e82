import { setTimeout as delay } from 'node:timers/promises'
import { Codec } from '../avro/codec.ts'
import type { RegistryConfig } from '../avro/config.ts'
import { ForeignValues } from '../avro/foreign-values.ts'
import { connectRegistry } from '../avro/registry.ts'
import { KafkaAdmin } from '../kafka/admin.ts'
import { createKafkaClient } from '../kafka/client.ts'
import type { KafkaConfig } from '../kafka/config.ts'
import { ConsumerGroup } from '../kafka/consumer-group.ts'
import { TransactionalProducer } from '../kafka/transactional-producer.ts'
import type { HttpConfig, LogConfig } from '../observability/config.ts'
import { createHealth, type Health } from '../observability/health.ts'
import { startHttp } from '../observability/http.ts'
import { createLogger, type Logger } from '../observability/logger.ts'
import { createMetrics, type Metrics } from '../observability/metrics.ts'
import { Assignment } from './assignment.ts'
import type { WorkerConfig } from './config.ts'
import { avroDecoder, rawDecoder } from './decoder.ts'
import { exposeLag } from './lag.ts'
import { listenForStop, StoppedError, untilItWorks } from './lifecycle.ts'
import { OutputBuffer } from './output-buffer.ts'
import { OwnCommits } from './own-commits.ts'
import { PartitionCounts } from './partition-counts.ts'
import type { Task, TaskContext, TopicPartition } from './task.ts'
import { type Topic, topicsOf } from './topic.ts'
import { type WorkerContext, workerMetrics } from './worker-context.ts'

/** What makes a service out of a task. */
interface Service {
  /** Of its consumer group, in its logs, and the stage in dead letters. */
  readonly name: string
  /** Topics of Tidemark's own, or names of raw topics. */
  readonly inputs: readonly Topic<unknown>[] | readonly string[]
  readonly outputs: readonly Topic<unknown>[]
  /**
   * Of an input topic, the compacted topic in which its tasks keep their long state: what they give to `Output.keep`
   * comes back in `Task.restore`. It needs as many partitions as the input.
   */
  readonly states?: ReadonlyMap<string, string>
  readonly config: ServiceConfig
  /** Called before the first task: connects what all tasks share. After a RetryableError it is called again. */
  prepare?(log: Logger, metrics: Metrics): Promise<void>
  createTask(context: TaskContext, memo: string | undefined): Task<never>
}

interface ServiceConfig {
  readonly kafka: KafkaConfig
  readonly registry: RegistryConfig
  readonly worker: WorkerConfig
  readonly http: HttpConfig
  readonly log: LogConfig
}

/** Consumer group of a service: one for each topic prefix, so that two installations can share a cluster. */
export const groupIdOf = (kafka: KafkaConfig, service: string) => `${kafka.topicPrefix}-${service}`

/**
 * Runs a service until SIGTERM or SIGINT. Health and metrics are served first; then it waits for Kafka, the registry
 * and its stores, saying in /ready which is missing; then it joins its group. Resolves when all is committed and
 * closed. Throws ConfigurationError, and whatever a task throws that nobody expected.
 */
export async function runWorker(service: Service): Promise<void> {
  const { config, name } = service
  const log = createLogger(name, config.log.level)
  const metrics = createMetrics()
  const health = createHealth()
  const stop = listenForStop(log)
  health.setNotReady('start', 'starting')
  const http = await startHttp({ ...config.http, metrics, health })
  log.info({ address: http.address }, 'serving /metrics, /live and /ready')
  const crashed = Promise.withResolvers<never>()
  const closers: (() => Promise<void>)[] = [() => http.close()]
  const surroundings = { log, metrics, health, signal: stop.signal, crash: crashed.reject, closers }
  try {
    const started = startTasks(service, surroundings)
    await Promise.race([stop.requested, crashed.promise, started.then(() => stop.requested)])
  } catch (error) {
    if (!(error instanceof StoppedError)) throw error
  } finally {
    await Promise.race([closeAll(closers), delay(config.worker.shutdownTimeoutMs, undefined, { ref: false })])
    log.info('stopped')
  }
}

interface Surroundings {
  readonly log: Logger
  readonly metrics: Metrics
  readonly health: Health
  /** The worker is to stop. */
  readonly signal: AbortSignal
  crash(error: Error): void
  /** What is to be closed in the end, the last one first. */
  readonly closers: (() => Promise<void>)[]
}

/** Waits for all that the tasks need, and joins the group, which hands them out. Throws StoppedError when the signal comes. */
async function startTasks(
  service: Service,
  { log, metrics, health, signal, crash, closers }: Surroundings,
): Promise<void> {
  const { config, name } = service
  const retrying = {
    config: config.worker,
    log,
    signal,
    report: (reason: string) => health.setNotReady('start', reason),
  }
  const topics = topicsOf(config.kafka.topicPrefix)
  const inputs = service.inputs.map((input) => (typeof input === 'string' ? input : input.name))
  const outputs = [...service.outputs, topics.deadletter]
  const states = service.states ?? new Map<string, string>()
  const client = createKafkaClient(config.kafka, log)
  const registry = connectRegistry(config.registry)
  const codec = new Codec(registry)
  const admin = await untilItWorks(() => KafkaAdmin.connect(client), retrying)
  closers.push(() => admin.close())
  const partitions = new PartitionCounts(
    admin,
    [...inputs, ...outputs.map((topic) => topic.name), ...states.values()],
    states,
    log,
  )
  await untilItWorks(() => partitions.read(), retrying)
  await untilItWorks(async () => {
    for (const topic of outputs) await codec.prepareWriter(topic.name, topic.schema)
  }, retrying)
  await untilItWorks(async () => await service.prepare?.(log, metrics), retrying)

  const counters = workerMetrics(metrics)
  const taskContext = (place: TopicPartition): TaskContext => {
    // A task places its outputs by the same numbers all its life, even when a topic grows meanwhile.
    const { counts } = partitions
    return {
      ...place,
      log,
      metrics,
      inputPartitions: counts.get(place.topic)!,
      partitionsOf: (topic) => counts.get(topic.name)!,
      now: Date.now,
      isOwner: () => !group.lapse(),
    }
  }
  const context: WorkerContext = {
    config: config.worker,
    groupId: groupIdOf(config.kafka, name),
    admin,
    stateTopics: states,
    ownCommits: new OwnCommits(),
    readPartitions: () => partitions.read(),
    openTransactions: (id) => TransactionalProducer.open(client, id),
    group: {
      seek: (...args) => group.seek(...args),
      pause: (...args) => group.pause(...args),
      resume: (...args) => group.resume(...args),
      lapse: () => group.lapse(),
    },
    decoder:
      typeof service.inputs[0] === 'string'
        ? rawDecoder(new ForeignValues(registry))
        : avroDecoder(codec, service.inputs as readonly Topic<unknown>[]),
    log,
    health,
    metrics: counters,
    createTask: (place, memo) => service.createTask(taskContext(place), memo) as Task<unknown>,
    newOutput: ({ partition }, state) =>
      new OutputBuffer(
        codec,
        {
          topic: topics.deadletter,
          partition: partition % partitions.counts.get(topics.deadletter.name)!,
          stage: name,
          onReject: (reason) => counters.rejected.inc({ reason }),
        },
        state,
      ),
    now: Date.now,
    onFenced(place) {
      assignment.forget(place)
      // While the group is rebalancing an assignment is on its way, and says whose the partition is.
      if (!assignment.isInterrupted) group.rejoin().catch(crash)
    },
    onBug: crash,
  }
  const assignment = new Assignment(context)
  exposeLag(admin, metrics, () => assignment.progress())
  const group = new ConsumerGroup(
    client,
    {
      groupId: context.groupId,
      topics: inputs,
      companions: states,
      instanceId: config.worker.instanceId,
      sessionTimeoutMs: config.worker.sessionTimeoutMs,
      heartbeatIntervalMs: config.worker.heartbeatIntervalMs,
      fromBeginning: config.worker.startFrom === 'earliest',
      refusedBackoffMs: config.worker.maxRetryBackoffMs,
      metadataMaxAgeMs: config.kafka.metadataMaxAgeMs,
    },
    assignment,
    log,
  )
  closers.push(
    () => group.stop(),
    () => assignment.close(config.worker.shutdownTimeoutMs / 2),
  )
  await untilItWorks(() => group.start(), retrying)
  health.setReady('start')
  log.info({ group: context.groupId, inputs }, 'running')
}

/** The last opened first: tasks, then the group, then the connections. */
async function closeAll(closers: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of closers.toReversed()) await close().catch(() => undefined)
}
