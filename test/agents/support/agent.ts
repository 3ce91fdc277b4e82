import { join } from 'node:path'
import { inject } from 'vitest'
import { debianLibraries } from '../../../stack/install/debian.ts'
import { type RunningServer, type ServerCommand, startServer } from '../../../stack/server.ts'
import { agentsDirectory } from './directory.ts'

interface Agent {
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** What it logs when it is ready; without, it is as soon as it runs. */
  readonly readyWhen?: string
}

const started: RunningServer<string>[] = []

/** Starts an agent with the address of the tests' Kafka. Throws Error with the end of its log when it does not start. */
export function startAgent({
  name,
  program,
  args,
  env,
  readyWhen = '',
}: Agent): Promise<RunningServer<string>> {
  const broker = inject('environment').TIDEMARK_KAFKA_BROKERS
  return startWatched({
    name,
    address: '',
    program,
    args,
    env: { KAFKA_BROKER: broker, ...env },
    logFile: join(agentsDirectory, `${name}.log`),
    isReady: async (log) => (await log()).includes(readyWhen),
  })
}

/** Starts a server that an agent is to watch. */
export async function startWatched(command: ServerCommand<string>): Promise<RunningServer<string>> {
  const server = await startServer(command)
  started.push(server)
  return server
}

/** For `afterAll`: no agent may outlive its test. */
export async function stopAgents(): Promise<void> {
  await Promise.all(started.splice(0).map((agent) => agent.stop()))
}

/** For `describe.skipIf`. */
export const withoutDebian = (): boolean => inject('programs').debian === undefined

/** The folder of Debian's packages. */
export const debian = (): string => inject('programs').debian!

/** What programs of Debian's need to find what belongs to them. */
export const debianEnvironment = (): NodeJS.ProcessEnv => ({
  LD_LIBRARY_PATH: debianLibraries(debian()),
  PATH: `${join(debian(), 'usr/bin')}:${process.env.PATH}`,
})
