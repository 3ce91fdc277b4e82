import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ConfigurationError } from '../../shared/errors.ts'
import type { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { createKafkaClient } from '../../shared/kafka/client.ts'
import { settleTransactions } from '../../shared/kafka/group-offsets.ts'
import type { Logger } from '../../shared/observability/logger.ts'
import { untilItWorks } from '../../shared/stream/lifecycle.ts'
import { topicsOf } from '../../shared/stream/topic.ts'
import type { Config } from '../sections.ts'
import type { Bounds } from './bounds.ts'
import type { Display } from './display.ts'
import { type Installation, workerEnvironment } from './installation.ts'
import type { ReplayRequest } from './request.ts'
import { type Progress, progressOf, type Stage, stagesOf } from './stages.ts'
import { startWorker, type Worker } from './workers.ts'

const pollMs = 500

/** Windows that end with the stretch are closed by a mark so far behind it, milliseconds, and the allowed disorder. */
const endMarkMs = 60_000

interface RunOptions {
  readonly config: Config
  readonly admin: KafkaAdmin
  readonly request: ReplayRequest
  readonly installation: Installation
  readonly bounds: Bounds
  readonly display: Display
  readonly log: Logger
  readonly signal: AbortSignal
}

/** Counted by the workers since this run was started. */
interface Totals {
  readonly points: number
  readonly written: number
  readonly refused: number
}

/**
 * Runs the workers of a replay side by side and ends them one after the other, each when it has read all that the one
 * before it has left. Throws what the signal was aborted with; what is done stays done.
 */
export async function runStages(options: RunOptions): Promise<Totals> {
  const { config, admin, request, installation, bounds, display, log, signal } = options
  const stages = stagesOf(request, bounds, installation)
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => undefined)
  const workers = new Map<Stage, Worker>()
  const start = async (stage: Stage, { positions }: Progress) => {
    const env = workerEnvironment(
      request,
      bounds,
      (topic, partition) =>
        (positions.get(topic)?.get(partition) ?? 0) >= bounds.until.get(topic)!.get(partition)!,
    )
    const logDirectory = join(process.cwd(), '.tidemark', 'logs', request.prefix)
    const worker = await startWorker(stage, {
      env,
      logDirectory,
      onFailure: (reason) => failure.reject(new ConfigurationError(`The replay's ${reason}.`)),
    })
    workers.set(stage, worker)
  }
  const killAll = () => {
    for (const worker of workers.values()) worker.kill()
  }
  process.once('exit', killAll)

  /** A replay takes long: brokers that are away for a while are waited for. */
  const patiently = <T>(attempt: () => Promise<T>) =>
    untilItWorks(attempt, { config: config.worker, log, signal, report: () => undefined })
  const look = async () => {
    const progress = await patiently(() => Promise.all(stages.map((stage) => progressOf(admin, stage))))
    display.show(stages.map(({ name }, i) => ({ name, ...progress[i]! })))
    return progress
  }
  const isDone = ({ done, total }: Progress) => done >= total
  const totals = { points: 0, written: 0, refused: 0 }
  const stop = async (stage: Stage) => {
    const worker = workers.get(stage)
    if (!worker) return
    totals.points += await worker.count('tidemark_normalizer_points_total')
    totals.written += await worker.count('tidemark_influx_lines_total')
    totals.refused += await worker.count('tidemark_influx_refused_lines_total')
    await worker.stop()
    workers.delete(stage)
  }
  /** What the broker shows as the end may be that before the last transaction, until that has ended everywhere. */
  const settleOutputs = async ({ groupId, inputs }: Stage) => {
    const counts = await admin.partitionCounts(inputs)
    const ids = [...counts].flatMap(([topic, count]) =>
      Array.from({ length: count }, (_, partition) => `${groupId}-${topic}-${partition}`),
    )
    await settleTransactions(createKafkaClient(config.kafka, log), ids)
  }

  try {
    for (const [i, progress] of (await look()).entries()) {
      if (i > 0 || !isDone(progress)) await start(stages[i]!, progress)
    }
    for (const [i, stage] of stages.entries()) {
      for (;;) {
        let progress = (await look())[i]!
        while (!isDone(progress)) {
          if (!workers.has(stage)) await start(stage, progress)
          await Promise.race([delay(pollMs, undefined, { signal }), failure.promise])
          progress = (await look())[i]!
        }
        await stop(stage)
        await patiently(() => settleOutputs(stage))
        if (isDone((await look())[i]!)) break
      }
      if (stage.name === 'normalize')
        await patiently(() =>
          installation.mark(bounds, request.to + config.aggregator.disorderMs + endMarkMs),
        )
    }
    return totals
  } finally {
    process.off('exit', killAll)
    await Promise.all([...workers.values()].map((worker) => worker.stop()))
  }
}

/** Where the records of the last stage are. */
export function resultTopic({ prefix, stages }: ReplayRequest): string {
  const { points, windows, anomalies } = topicsOf(prefix)
  const last = stages.at(-1)
  return last === 'normalize' ? points.name : last === 'detect' ? anomalies.name : windows.name
}
