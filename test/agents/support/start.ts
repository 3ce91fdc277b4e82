import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { createTopics } from '../../../cli/create-topics.ts'
import { loadAll } from '../../../cli/sections.ts'
import { createLogger } from '../../../shared/observability/logger.ts'
import { installCollector } from '../../../stack/agents/collector.ts'
import { installDebianAgents } from '../../../stack/agents/debian.ts'
import { installFilebeat } from '../../../stack/agents/filebeat.ts'
import { installTelegraf } from '../../../stack/agents/telegraf.ts'
import type { StackAddresses } from '../../../stack/index.ts'
import { startLocalStack } from '../../../stack/local.ts'
import { freePort } from '../../../stack/ports.ts'
import { type Progress, type Step, terminalProgress } from '../../../stack/progress.ts'
import { type RunningServer, type ServerCommand, startServer } from '../../../stack/server.ts'
import { installZookeeper } from '../../../stack/watched/zookeeper.ts'
import { agentsDirectory, partitions } from './directory.ts'

/** Where the programs are. */
interface Programs {
  readonly telegraf: string
  readonly collector: string
  readonly filebeat: string
  /** The class path of ZooKeeper. */
  readonly zookeeper: string
  /** The folder of Debian's packages; undefined on a machine without apt. */
  readonly debian: string | undefined
}

declare module 'vitest' {
  interface ProvidedContext {
    programs: Programs
    /** Environment of Tidemark's services. */
    environment: Readonly<Record<string, string>>
  }
}

/** Builds the agents, and starts Kafka, the registry and one normalizer for all files; stops them after the last. */
export default async function start(project: TestProject): Promise<() => Promise<void>> {
  const stopping = new AbortController()
  const stopEarly = () => stopping.abort()
  process.once('SIGINT', stopEarly)
  const { signal } = stopping
  await rm(agentsDirectory, { recursive: true, force: true })
  await mkdir(agentsDirectory, { recursive: true })
  const progress = terminalProgress(process.stderr)
  const programs = await install(progress, signal)
  const stack = await startLocalStack({
    directory: join(agentsDirectory, 'stack'),
    progress,
    signal,
    servers: ['kafka', 'registry'],
  })
  const environment = environmentOf(stack.addresses)
  let normalizer: RunningServer<string> | undefined
  const stop = async () => {
    process.off('SIGINT', stopEarly)
    await normalizer?.stop()
    await stack.stop()
  }
  try {
    const config = loadAll({ env: environment, cwd: '/' })
    const rawTopics = [...config.normalizer.inputTopics, 'app.metrics']
    await createTopics({ ...config, rawTopics }, createLogger('test', 'silent'))
    normalizer = await startServer(await normalizerCommand(environment), signal)
  } catch (error) {
    await stop()
    throw error
  }
  progress.close()
  if (!programs.debian)
    process.stderr.write(
      '! Agents from Debian’s packages are left out: there is no apt-get. Their tests are skipped.\n',
    )
  project.provide('programs', programs)
  project.provide('environment', environment)
  return stop
}

async function install(progress: Progress, signal: AbortSignal): Promise<Programs> {
  const shown = async <T>(
    title: string,
    work: (step: Step, signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const step = progress.step(title)
    try {
      const done = await work(step, signal)
      step.done()
      return done
    } catch (error) {
      step.fail((error as Error).message.split('\n')[0]!)
      throw error
    }
  }
  const [telegraf, collector, filebeat, zookeeper, debian] = await Promise.all([
    shown('Telegraf', installTelegraf),
    shown('OpenTelemetry Collector', installCollector),
    shown('Filebeat', installFilebeat),
    shown('ZooKeeper', installZookeeper),
    shown('rsyslog, syslog-ng, kcat, Redis, MariaDB', installDebianAgents),
  ])
  return { telegraf, collector, filebeat, zookeeper, debian }
}

/** The configuration of examples/agents names topics by their defaults, so there is one installation. */
const environmentOf = ({ kafka, registry }: StackAddresses) => ({
  TIDEMARK_KAFKA_BROKERS: kafka.brokers.join(','),
  TIDEMARK_REGISTRY_URL: registry.url,
  TIDEMARK_TOPICS_PARTITIONS: `${partitions}`,
  TIDEMARK_NORMALIZER_NAMES: 'canonical',
})

async function normalizerCommand(
  environment: Readonly<Record<string, string>>,
): Promise<ServerCommand<'normalizer'>> {
  const port = await freePort(0)
  const url = `http://127.0.0.1:${port}`
  return {
    name: 'normalizer',
    address: url,
    program: process.execPath,
    args: [join(import.meta.dirname, '../../../cli/main.ts'), 'normalizer'],
    env: { ...environment, TIDEMARK_HTTP_PORT: `${port}` },
    logFile: join(agentsDirectory, 'normalizer.log'),
    isReady: async () => (await fetch(`${url}/ready`, { signal: AbortSignal.timeout(2_000) })).ok,
  }
}
