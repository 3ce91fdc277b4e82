import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { processIdentity, type ServerName, stopProcess } from './server.ts'
import type { StackAddresses } from './stack.ts'

/** What is written down of a running local stack, for `stack down`, `stack status`, and the next start after a hard end. */
export interface StackState {
  /** The process that will stop it; absent when it is to run until `stack down`. */
  readonly owner?: number
  readonly addresses: StackAddresses
  readonly servers: readonly {
    readonly name: ServerName
    readonly address: string
    readonly pid: number
    readonly identity: string
    readonly logFile: string
  }[]
  /** Folders outside of the stack's own that go with it. */
  readonly folders: readonly string[]
}

const fileOf = (directory: string) => join(directory, 'stack.json')

export async function readState(directory: string): Promise<StackState | undefined> {
  try {
    return JSON.parse(await readFile(fileOf(directory), 'utf8')) as StackState
  } catch {
    return undefined
  }
}

/** Readable by its owner only: it holds the token of the local InfluxDB. */
export async function writeState(directory: string, state: StackState): Promise<void> {
  await mkdir(directory, { recursive: true })
  await writeFile(fileOf(directory), JSON.stringify(state, null, 2), { mode: 0o600 })
}

/** Those servers of the state that still run. */
export async function survivors(state: StackState): Promise<StackState['servers']> {
  const running = await Promise.all(
    state.servers.map(async ({ pid, identity }) => (await processIdentity(pid)) === identity),
  )
  return state.servers.filter((_, i) => running[i])
}

/** Ends what is left of a stack and removes its data, but not its logs. */
export async function removeStack(directory: string, state: StackState): Promise<void> {
  await Promise.all((await survivors(state)).map(({ pid }) => stopProcess(pid)))
  const folders = ['kafka', 'influxdb', 'elasticsearch'].map((name) => join(directory, name))
  await Promise.all(
    [...folders, ...state.folders, fileOf(directory)].map((path) =>
      rm(path, { recursive: true, force: true }),
    ),
  )
}
