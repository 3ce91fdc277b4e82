import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { stackEnvironment } from '../../cli/commands/stack.ts'
import { createTopics } from '../../cli/create-topics.ts'
import { type Config, loadAll } from '../../cli/sections.ts'
import type { ServiceName } from '../../cli/services.ts'
import { RetryableError } from '../../shared/errors.ts'
import { createProducer, type Producer } from '../../shared/kafka/producer.ts'
import { createLogger } from '../../shared/observability/logger.ts'
import { type Tail, tail } from '../../shared/stream/tail.ts'
import { type Topics, topicsOf } from '../../shared/stream/topic.ts'
import type { StackAddresses } from '../../stack/index.ts'
import { freePort } from '../../stack/ports.ts'
import { stack } from './stack.ts'

export const silent = createLogger('test', 'silent')

/** Topics, groups and indices of its own, so that tests share the servers without meeting. */
export interface Installation {
  readonly name: string
  readonly env: Readonly<Record<string, string>>
  readonly config: Config
  readonly topics: Topics
  readonly rawMetrics: string
  readonly rawLogs: string
}

export const newName = () => `t${randomBytes(5).toString('hex')}`

/** Makes an installation with its topics; `settings` are environment variables of its services. By default on the tests' own servers. */
export async function install(
  settings: Readonly<Record<string, string>> = {},
  { name = newName(), addresses = stack() }: { name?: string; addresses?: StackAddresses } = {},
): Promise<Installation> {
  const rawMetrics = `${name}.raw.metrics`
  const rawLogs = `${name}.raw.logs`
  const env = {
    ...stackEnvironment(addresses),
    TIDEMARK_KAFKA_TOPIC_PREFIX: name,
    TIDEMARK_ELASTICSEARCH_INDEX_PREFIX: name,
    TIDEMARK_NORMALIZER_INPUT_TOPICS: `${rawMetrics},${rawLogs}`,
    TIDEMARK_TOPICS_PARTITIONS: '2',
    TIDEMARK_WORKER_SESSION_TIMEOUT_MS: '6000',
    TIDEMARK_AGGREGATOR_IDLE_MS: '3000',
    TIDEMARK_AGGREGATOR_DISORDER_MS: '1000',
    ...settings,
  }
  const config = loadAll({ env, cwd: '/' })
  await createTopics({ ...config, rawTopics: config.normalizer.inputTopics }, silent)
  return { name, env, config, topics: topicsOf(name), rawMetrics, rawLogs }
}

/** A service that runs as its own process. */
export interface RunningService {
  readonly name: ServiceName
  readonly url: string
  readonly logFile: string
  /** The exit status, once it has ended. */
  readonly ended: Promise<number | null>
  /** kill -9. */
  kill(): Promise<void>
  /** An orderly end; gives the exit status. */
  stop(): Promise<number | null>
}

const root = join(import.meta.dirname, '..', '..')

/** Where the services of an installation log, a file each. */
export const logDirectory = (installation: string) => join(root, '.tidemark', 'test-logs', installation)

/** Starts a service and waits until it is ready, or with `ready: false` until it answers. Throws Error with its log when it ends, or takes too long. */
export async function startService(
  installation: Installation,
  name: ServiceName,
  wanted: { readonly ready: boolean } = { ready: true },
): Promise<RunningService> {
  const command = [join(root, 'cli', 'main.ts'), name]
  return { ...(await startWorker(installation, name, command, wanted)), name }
}

/** Starts a process that is a worker, such as one that a test has written, as `startService` does. */
export async function startWorker(
  { env, name: installation }: Pick<Installation, 'env' | 'name'>,
  label: string,
  command: readonly string[],
  wanted: { readonly ready: boolean } = { ready: true },
): Promise<Omit<RunningService, 'name'>> {
  const directory = logDirectory(installation)
  mkdirSync(directory, { recursive: true })
  const logFile = join(directory, `${label}.log`)
  const port = await freePort(0)
  const url = `http://127.0.0.1:${port}`
  const log = openSync(logFile, 'a')
  const child = spawn(process.execPath, [...command], {
    env: { ...process.env, ...env, TIDEMARK_HTTP_PORT: String(port) },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  started.add(child)
  const deadline = Date.now() + 60_000
  for (;;) {
    const ready = await fetch(`${url}/ready`).then(
      ({ ok }) => ok || !wanted.ready,
      () => false,
    )
    if (ready) break
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`${label} does not become ready:\n${readFileSync(logFile, 'utf8').slice(-3_000)}`)
    await delay(100)
  }
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    return await ended
  }
  return { url, logFile, ended, kill: async () => void (await end('SIGKILL')), stop: () => end('SIGTERM') }
}

const started = new Set<ChildProcess>()

/** For `afterAll`: no process may outlive its test. */
export async function stopServices(): Promise<void> {
  const running = [...started].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
  await Promise.all(
    running.map((child) => {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      return ended
    }),
  )
  started.clear()
}

export function producerFor({ config }: Installation): Promise<Producer> {
  return createProducer(config.kafka, silent)
}

/** Everything committed to one topic of the installation, as it comes. */
export async function collect<T>(
  { config }: Installation,
  topic: { readonly name: string; readonly schema: Topics[keyof Topics]['schema'] },
): Promise<{ readonly records: T[] } & Tail> {
  const records: T[] = []
  const reader = await tail({
    ...config,
    topics: [topic],
    fromBeginning: true,
    log: silent,
    onRecord: (_, value) => records.push(value as T),
  })
  return { records, close: reader.close }
}

/**
 * Asks again and again until the answer is the wanted one; the last answer is what an assertion then sees. A store that
 * can't answer just then, as while it opens a new index, is asked again too.
 */
export async function eventually<T>(
  question: () => Promise<T> | T,
  isWanted: (answer: T) => boolean,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    try {
      const answer = await question()
      if (isWanted(answer) || Date.now() > deadline) return answer
    } catch (error) {
      if (!(error instanceof RetryableError) || Date.now() > deadline) throw error
    }
    await delay(250)
  }
}
