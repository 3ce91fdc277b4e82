import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Bench, BenchContext } from '../harness/bench.ts'
import { type Installation, install } from '../harness/installation.ts'
import { untilNormalized } from '../harness/normalized.ts'
import { machine, round } from '../harness/result.ts'
import { untilProcess } from '../harness/run-consumer.ts'
import {
  type MeasuredProcess,
  measureProcess,
  openLog,
  startService,
  untilReady,
} from '../harness/service-process.ts'
import { topicSettings } from '../harness/settings.ts'
import { SteadyFlow } from '../harness/steady-flow.ts'
import { fields } from '../harness/workload.ts'
import type { IdleOrder } from '../peers/idle-kafkajs.ts'

const partitions = 4
const series = 500

/** So long telemetry comes before, so that the tasks have something to be idle after. */
const flowMs = 10_000

/** After it windows are closed, and sources are told to be idle. */
const settleMs = 45_000

/**
 * What a worker costs that has nothing to do, beside a bare member of a group and producer of the same client. Telemetry
 * has come before, for a while; nobody reads metrics.
 */
export const idle: Bench = {
  name: 'idle',
  does: 'CPU of a normalizer and an aggregator that have nothing to do, beside a bare kafkajs client',
  servers: ['kafka', 'registry'],

  async run(context) {
    const before = machine()
    const { minutes = 1 } = context.options
    const installation = await install(context, topicSettings(partitions))
    const normalizer = await startService(context, installation, 'normalizer')
    const aggregator = await startService(context, installation, 'aggregator')
    await Promise.all([untilReady(context, normalizer), untilReady(context, aggregator)])
    const peer = await startPeer(context, installation)
    const flow = await SteadyFlow.start(installation, {
      hosts: series / fields.length,
      pointsPerSecond: series,
      onTick: () => undefined,
    })
    context.atEnd(() => flow.stop())
    await delay(flowMs, undefined, { signal: context.signal })
    await flow.stop()
    await untilNormalized(context, installation)
    await delay(settleMs, undefined, { signal: context.signal })
    context.report(`watching for ${minutes} min`)
    const processes: readonly (readonly [name: string, process_: MeasuredProcess])[] = [
      ['normalizer', normalizer],
      ['aggregator', aggregator],
      ['bare kafkajs', peer],
    ]
    const started = performance.now()
    const startCpu = processes.map(([, one]) => one.cpuSeconds())
    await delay(minutes * 60_000, undefined, { signal: context.signal })
    const seconds = (performance.now() - started) / 1_000
    return {
      bench: 'idle',
      taken: new Date().toISOString(),
      machine: before,
      workload: { minutes, partitions },
      rows: processes.map(([name, one], i) => {
        const cpuSeconds = one.cpuSeconds() - startCpu[i]!
        return {
          process: name,
          cpu_s: round(cpuSeconds),
          wall_s: round(seconds),
          percent_of_a_core: round((cpuSeconds / seconds) * 100),
        }
      }),
    }
  },
}

/** Resolves when it has joined its group. */
async function startPeer(
  context: BenchContext,
  { config, name, raw }: Installation,
): Promise<MeasuredProcess> {
  const { file, descriptor } = openLog('idle-kafkajs')
  const order: IdleOrder = { brokers: config.kafka.brokers, topic: raw, groupId: `${name}-idle-kafkajs` }
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '..', 'peers', 'idle-kafkajs.ts'), JSON.stringify(order)],
    {
      env: { ...process.env, KAFKAJS_NO_PARTITIONER_WARNING: '1' },
      stdio: ['ignore', descriptor, descriptor, 'ipc'],
      detached: true,
    },
  )
  const peer = measureProcess(context, child, file)
  let hasJoined = false
  child.once('message', () => {
    hasJoined = true
  })
  await untilProcess(context, peer, async () => hasJoined, 'the bare client has not joined its group')
  return peer
}
