import { spawn } from 'node:child_process'
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { killGroup, run } from './command.ts'

export type ServerName = 'kafka' | 'registry' | 'influxdb' | 'elasticsearch'

/** How one server is started here, ready to run. */
export interface ServerCommand<Name extends string = ServerName> {
  readonly name: Name
  /** What a person sees of where it listens. */
  readonly address: string
  readonly program: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** Another user than ours, for servers that refuse to run as root. */
  readonly uid?: number
  readonly logFile: string
  /** Throws, or gives false, while the server does not answer yet; `log` is what it has logged since it was started. */
  isReady(log: () => Promise<Buffer>): Promise<boolean>
}

export interface RunningServer<Name extends string = ServerName> {
  readonly name: Name
  readonly address: string
  readonly pid?: number
  readonly logFile?: string
  /** Stops it; resolves when the process is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again with the same address and files. */
  start(): Promise<void>
}

/** A machine that is busy with much else takes minutes for Elasticsearch. One that ends is noticed at once. */
const startTimeoutMs = 300_000
const stopTimeoutMs = 15_000

/** Starts a server as a process group of its own and waits until it answers. Throws Error with the end of its log. */
export async function startServer<Name extends string>(
  command: ServerCommand<Name>,
  signal?: AbortSignal,
): Promise<RunningServer<Name>> {
  let process_: ServerProcess | undefined
  const start = async () => {
    process_ = await launch(command)
    await untilReady(command, process_, signal)
  }
  const stop = async (killSignal: NodeJS.Signals = 'SIGTERM') => {
    const ending = process_
    process_ = undefined
    if (ending) await stopProcess(ending.pid, killSignal)
  }
  try {
    await start()
  } catch (error) {
    await stop('SIGKILL')
    throw error
  }
  return {
    name: command.name,
    address: command.address,
    get pid() {
      return process_?.pid
    },
    logFile: command.logFile,
    stop,
    start,
  } as RunningServer<Name>
}

interface ServerProcess {
  readonly pid: number
  /** What it has logged so far. */
  log(): Promise<Buffer>
  ended: string | undefined
}

async function launch({ program, args, env, uid, logFile }: ServerCommand<string>): Promise<ServerProcess> {
  await mkdir(dirname(logFile), { recursive: true })
  const log = await open(logFile, 'a')
  const { size: before } = await log.stat()
  try {
    const child = spawn(program, args, {
      env: { ...process.env, ...env },
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      ...(uid !== undefined && { uid, gid: uid, cwd: '/' }),
    })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    child.once('spawn', resolve)
    child.once('error', reject)
    await promise
    const started: ServerProcess = {
      pid: child.pid!,
      log: async () => (await readFile(logFile)).subarray(before),
      ended: undefined,
    }
    child.once('exit', (code, killed) => {
      started.ended = killed ? `was ended by ${killed}` : `ended with exit status ${code}`
    })
    child.unref()
    return started
  } finally {
    await log.close()
  }
}

async function untilReady(
  command: ServerCommand<string>,
  running: ServerProcess,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + startTimeoutMs
  while (Date.now() < deadline) {
    if (signal?.aborted) throw new Error('stopped')
    if (running.ended)
      throw new Error(`${command.name} ${running.ended} while starting.\n${await endOfLog(command.logFile)}`)
    if (await command.isReady(running.log).catch(() => false)) return
    await delay(150)
  }
  throw new Error(
    `${command.name} does not answer at ${command.address} after ${startTimeoutMs / 1000} s.\n${await endOfLog(command.logFile)}`,
  )
}

async function endOfLog(file: string): Promise<string> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-10)
  return `The end of its log ${file}:\n${lines.map((line) => `  ${line}`).join('\n')}`
}

/** Ends a process group: politely, and by force when that takes too long. */
export async function stopProcess(pid: number, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  killGroup(pid, signal)
  const deadline = Date.now() + stopTimeoutMs
  while (isAlive(pid)) {
    if (Date.now() > deadline) killGroup(pid, 'SIGKILL')
    await delay(50)
  }
  // A launcher may leave its server behind: whatever is left of the group goes too.
  killGroup(pid, 'SIGKILL')
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When a process was started, as the system tells it: with the pid, an identity that no later process shares. Undefined when it is gone. */
export async function processIdentity(pid: number): Promise<string | undefined> {
  const answer = await run('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => '')
  return answer.trim() || undefined
}
