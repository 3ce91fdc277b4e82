import { mkdir } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { DeadLetter, PointBatch, WindowBatch } from '../../shared/avro/types.ts'
import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { type Installation, producerFor, silent } from '../support/pipeline.ts'
import { seededRandom } from '../support/random.ts'
import { readTopic } from '../support/read-topic.ts'
import type { Findings } from './accounting/findings.ts'
import { accountLogs } from './accounting/logs.ts'
import { accountRows } from './accounting/rows.ts'
import { expectedWindows } from './accounting/views.ts'
import { accountWindows } from './accounting/windows.ts'
import { Crew, serviceNames } from './crew.ts'
import { drain } from './drain.ts'
import type { Surroundings } from './faults/fault.ts'
import { type FaultName, faultsByName } from './faults/registry.ts'
import { Flow } from './flow.ts'
import { Ledger } from './ledger.ts'
import type { ChaosResult } from './result.ts'
import type { Round } from './schedule.ts'
import * as settings from './settings.ts'
import { readLogs, readRows, type TimeRange } from './stores.ts'

interface ChaosOptions {
  readonly installation: Installation
  readonly servers: Surroundings['servers']
  readonly seed: number
  readonly rounds: Iterable<Round<FaultName>>
  /** No round begins later than this; by default all of them take place. */
  readonly durationMs?: number
  readonly maxOutageMs: number
  /** For the logs of the workers. */
  readonly directory: string
  readonly withInflux: boolean
  /** Takes a line on each thing that happens. */
  say(line: string): void
  readonly signal?: AbortSignal
}

const readyTimeoutMs = 120_000
const drainTimeoutMs = 240_000

/** Lets telemetry flow, injects the faults, and accounts for everything at the end. Leaves no worker behind. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { installation, seed, directory, signal } = options
  const started = Date.now()
  const say = (what: string) =>
    options.say(`${((Date.now() - started) / 1_000).toFixed(1).padStart(7)} s  ${what}`)
  await mkdir(directory, { recursive: true })
  const crew = new Crew({ env: installation.env, directory, say })
  const killAll = () => crew.kill()
  process.once('exit', killAll)
  const ledger = new Ledger()
  try {
    const names = serviceNames.filter((name) => options.withInflux || name !== 'influx-sink')
    for (const name of names) for (let i = 0; i < settings.workers[name]; i++) await crew.hire(name)
    await crew.untilReady(readyTimeoutMs)
    say('all workers are ready')
    const producer = await producerFor(installation)
    const flow = new Flow({
      ...installation,
      ...settings.flow,
      producer,
      ledger,
      metric: installation.name,
      partitions: settings.partitions,
      random: seededRandom(seed),
    })
    const injected = await injectFaults(options, crew, say)
    await flow.end()
    await producer.close()
    const seconds = Math.round((Date.now() - started) / 1_000)
    signal?.throwIfAborted()
    say(`the flow has ended after ${ledger.pointCount} points and ${ledger.logs.size} log events; draining`)
    await checkRawTopics(installation, flow.messages)
    await crew.untilReady(readyTimeoutMs)
    const undrained = await drain(installation, {
      stillForMs: settings.sessionTimeoutMs + settings.longIdleMs + 3_000,
      timeoutMs: drainTimeoutMs,
    })
    say(undrained.length === 0 ? 'drained; accounting' : 'NOT drained; accounting')
    const late = await readTopic<PointBatch>(installation, installation.topics.late)
    const deadLetters = await readTopic<DeadLetter>(installation, installation.topics.deadletter)
    return {
      seed,
      seconds,
      points: ledger.pointCount,
      logs: ledger.logs.size,
      ...injected,
      findings: await account(options, ledger),
      late: late.reduce((sum, { times }) => sum + times.length, 0),
      deadLetters: deadLetters.length,
      crashes: crew.crashes,
      undrained,
    }
  } finally {
    await crew.dismissAll()
    process.off('exit', killAll)
  }
}

async function injectFaults(
  { rounds, servers, maxOutageMs, durationMs = Infinity, signal }: ChaosOptions,
  crew: Crew,
  say: (what: string) => void,
): Promise<Pick<ChaosResult, 'faults' | 'pairs'>> {
  const { sessionTimeoutMs, mostWorkers } = settings
  const faults: Partial<Record<FaultName, number>> = {}
  const started = Date.now()
  let pairs = 0
  for (const round of rounds) {
    await delay(round.pauseMs)
    if (Date.now() - started > durationMs || signal?.aborted) break
    if (round.faults.length > 1) pairs++
    await Promise.all(
      round.faults.map(async ({ fault, service, seed }) => {
        faults[fault] = (faults[fault] ?? 0) + 1
        const random = seededRandom(seed)
        await faultsByName.get(fault)!.inject({
          crew,
          servers,
          sessionTimeoutMs,
          mostWorkers,
          maxOutageMs,
          service: service ?? serviceNames[Math.floor(random() * serviceNames.length)]!,
          random,
          say: (what) => say(`${fault.padEnd(18)} ${what}`),
        })
      }),
    )
  }
  return { faults, pairs }
}

/** If the raw topics do not hold exactly what the producer believes, the run would prove nothing. */
async function checkRawTopics(installation: Installation, sent: ReadonlyMap<string, number>): Promise<void> {
  const admin = await KafkaAdmin.open(installation.config.kafka, silent)
  try {
    for (const [topic, messages] of sent) {
      const ranges = [...(await admin.ranges(topic)).values()]
      const held = ranges.reduce((sum, { start, end }) => sum + end - start, 0)
      if (held !== messages)
        throw new Error(
          `${topic} holds ${held} messages, but ${messages} were acknowledged: the test is at fault`,
        )
    }
  } finally {
    await admin.close()
  }
}

async function account(
  { installation, withInflux }: ChaosOptions,
  ledger: Ledger,
): Promise<readonly Findings[]> {
  const { config, topics, name } = installation
  const expected = expectedWindows(ledger, settings.sizesMs, settings.rollUps)
  const batches = await readTopic<WindowBatch>(installation, topics.windows)
  const windows = batches.flatMap((batch) => batch.windows)
  const range = rangeOf(ledger)
  return [
    ...accountWindows(expected, windows),
    ...(withInflux
      ? [accountRows('InfluxDB', expected, windows, await readRows(config, name, settings.sizesMs, range))]
      : []),
    accountLogs('Elasticsearch, logs', ledger.logs, await readLogs(config, range)),
  ]
}

/** Of event time: all windows and logs begin in it. */
function rangeOf(ledger: Ledger): TimeRange {
  const longest = Math.max(...settings.sizesMs)
  let from = Infinity
  let to = -Infinity
  for (const { time } of [...ledger.series.flat(), ...ledger.logs.values()]) {
    from = Math.min(from, time)
    to = Math.max(to, time)
  }
  return { from: Math.floor(from / longest) * longest, to: to + 1 }
}
