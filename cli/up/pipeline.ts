import { join } from 'node:path'
import type { Stack } from '../../stack/index.ts'
import { freePort } from '../../stack/ports.ts'
import { services } from '../services.ts'
import { Child } from './child.ts'

const root = join(import.meta.dirname, '..', '..')

/** First port tried for a service's metrics; the services follow one another from there. */
const firstMetricsPort = 9_464

interface RunningService {
  readonly name: string
  readonly child: Child
  /** Where /metrics and /ready are. */
  readonly url: string
}

export interface Pipeline {
  readonly services: readonly RunningService[]
  readonly agent: Child | undefined
  stop(): Promise<void>
  kill(): void
}

interface PipelineOptions {
  /** Added to this process' own environment: where the servers are. */
  readonly env: Readonly<Record<string, string>>
  readonly logDirectory: string
  readonly leftOut: readonly string[]
  /** The stack to watch with the host agent; none for no agent. */
  readonly watch: Stack | undefined
  readonly withAgent: boolean
  onEnd(reason: string): void
}

/** Starts each service as a process of its own, and the host agent as a producer. */
export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  const started: RunningService[] = []
  let port = firstMetricsPort
  for (const { name } of services) {
    if (options.leftOut.includes(name)) continue
    port = await freePort(port)
    const child = new Child({
      name,
      args: [join(root, 'cli', 'main.ts'), name],
      env: {
        ...process.env,
        ...options.env,
        TIDEMARK_HTTP_HOST: '127.0.0.1',
        TIDEMARK_HTTP_PORT: String(port),
      },
      logFile: join(options.logDirectory, `${name}.log`),
      onEnd: options.onEnd,
    })
    child.start()
    started.push({ name, child, url: `http://127.0.0.1:${port}` })
    port++
  }
  const agent = options.withAgent ? startAgent(options, started) : undefined
  const children = [...(agent ? [agent] : []), ...started.map(({ child }) => child)]
  return {
    services: started,
    agent,
    stop: async () => {
      // The producer first: what it has sent is still carried through.
      await agent?.stop()
      await Promise.all(started.map(({ child }) => child.stop()))
    },
    kill: () => {
      for (const child of children) child.kill()
    },
  }
}

/** It watches the machine, the servers and the services themselves. */
function startAgent(
  { env, logDirectory, watch, onEnd }: PipelineOptions,
  started: readonly RunningService[],
): Child {
  const { influx, registry, elasticsearch } = watch?.addresses ?? {}
  const servers = [...(watch?.servers.values() ?? [])]
  const agent = new Child({
    name: 'host-agent',
    args: [
      join(root, 'examples', 'host-agent', 'main.ts'),
      ...(influx ? ['--influx', influx.url] : []),
      ...(registry ? ['--registry', registry.url] : []),
      ...(elasticsearch ? ['--elasticsearch', elasticsearch.url] : []),
      ...servers.flatMap(({ name, pid, logFile }) => [
        ...(pid ? ['--process', `${name}=${pid}`] : []),
        ...(logFile ? ['--log', `${name}=${logFile}`] : []),
      ]),
      ...started.flatMap(({ name, child }) => ['--log', `tidemark-${name}=${child.logFile}`]),
    ],
    env: { ...process.env, ...env },
    logFile: join(logDirectory, 'host-agent.log'),
    onEnd,
  })
  agent.start()
  return agent
}
