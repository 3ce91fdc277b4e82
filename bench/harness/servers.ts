import { join } from 'node:path'
import { stackEnvironment } from '../../cli/commands/stack.ts'
import { ConfigurationError } from '../../shared/errors.ts'
import { type ServerName, startStack } from '../../stack/index.ts'
import { terminalProgress } from '../../stack/progress.ts'

interface Servers {
  readonly env: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** By which variable a running server is told; all of those that are needed must be there, or none is used. */
const variables: Readonly<Partial<Record<ServerName, string>>> = {
  kafka: 'TIDEMARK_KAFKA_BROKERS',
  registry: 'TIDEMARK_REGISTRY_URL',
  influxdb: 'TIDEMARK_INFLUX_URL',
}

/**
 * Servers that the environment points at, else new ones, which are stopped after the benchmarks. Throws
 * ConfigurationError when the environment names only some of those needed, or one can't be had here.
 */
export async function findServers(needed: readonly ServerName[], signal: AbortSignal): Promise<Servers> {
  const wanted = needed.flatMap((name) => variables[name] ?? [])
  const missing = wanted.filter((variable) => !process.env[variable])
  if (missing.length === 0) return { env: {}, stop: async () => undefined }
  if (missing.length < wanted.length)
    throw new ConfigurationError(
      `The environment names some of the servers, but not ${missing.join(' and ')}: set all of ${wanted.join(', ')}, or none, and new servers are started.`,
    )
  const progress = terminalProgress(process.stderr)
  try {
    const stack = await startStack({
      directory: join(process.cwd(), '.tidemark', 'bench-stack'),
      progress,
      signal,
      servers: needed,
    })
    const [leftOut] = stack.leftOut
    if (leftOut) {
      await stack.stop()
      throw new ConfigurationError(`${leftOut.server} can't be had here: ${leftOut.why}.`)
    }
    // Servers that were not asked for have no address.
    const env = Object.entries(stackEnvironment(stack.addresses)).filter(([, value]) => value !== '')
    return { env: Object.fromEntries(env), stop: () => stack.stop() }
  } finally {
    progress.close()
  }
}
