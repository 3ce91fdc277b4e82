import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServiceName } from '../../cli/services.ts'
import { freePort } from '../../stack/ports.ts'
import { type BenchContext, until } from './bench.ts'
import { cpuSecondsOf, residentBytesOf } from './cpu.ts'
import type { Installation } from './installation.ts'

const root = join(import.meta.dirname, '..', '..')

/** A process that is measured. */
export interface MeasuredProcess {
  readonly pid: number
  /** So far, with its descendants; the last reading when it has ended. */
  cpuSeconds(): number
  residentBytes(): number
  /** Politely, and by force after ten seconds. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Its exit status or signal, once it has ended. */
  readonly ended: string | undefined
  readonly logFile: string
}

export interface ServiceProcess extends MeasuredProcess {
  readonly name: ServiceName
  readonly url: string
  /** When it was spawned, milliseconds. */
  readonly startedAt: number
}

const stopAfterMs = 10_000

/** Watches a child: it is ended with the benchmark at the latest. */
export function measureProcess(context: BenchContext, child: ChildProcess, logFile: string): MeasuredProcess {
  const pid = child.pid
  if (pid === undefined) throw new Error(`The process of ${logFile} did not start.`)
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let last = 0
  const process_: MeasuredProcess = {
    pid,
    logFile,
    get ended() {
      if (child.signalCode !== null) return `was ended by ${child.signalCode}`
      return child.exitCode === null ? undefined : `ended with exit status ${child.exitCode}`
    },
    cpuSeconds() {
      if (process_.ended === undefined) last = Math.max(last, cpuSecondsOf(pid))
      return last
    },
    residentBytes: () => residentBytesOf(pid),
    async stop(signal = 'SIGTERM') {
      if (process_.ended !== undefined) return
      child.kill(signal)
      const timer = setTimeout(() => child.kill('SIGKILL'), stopAfterMs)
      await exited
      clearTimeout(timer)
    },
  }
  context.atEnd(() => process_.stop())
  return process_
}

let logs = 0

/** Opens a log of its own for a process. */
export function openLog(name: string): { readonly file: string; readonly descriptor: number } {
  const directory = join(root, '.tidemark', 'bench-logs')
  mkdirSync(directory, { recursive: true })
  const file = join(directory, `${name}-${process.pid}-${logs++}.log`)
  return { file, descriptor: openSync(file, 'w') }
}

/** Starts a service as its users do, and does not wait for it. */
export async function startService(
  context: BenchContext,
  { env }: Installation,
  name: ServiceName,
  /** Further options of Node. */
  nodeOptions: readonly string[] = [],
): Promise<ServiceProcess> {
  const port = await freePort(0)
  const { file, descriptor } = openLog(name)
  const { profile } = context.options
  const profiling = profile
    ? ['--cpu-prof', `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${name}-${port}.cpuprofile`]
    : []
  const startedAt = Date.now()
  const child = spawn(
    process.execPath,
    [...nodeOptions, ...profiling, join(root, 'bin', 'tidemark.js'), name],
    {
      env: { ...process.env, ...env, TIDEMARK_HTTP_HOST: '127.0.0.1', TIDEMARK_HTTP_PORT: String(port) },
      // It ends with us, however we end: it watches the channel. Ctrl-C reaches it through our orderly end only.
      stdio: ['ignore', descriptor, descriptor, 'ipc'],
      detached: true,
    },
  )
  const measured = measureProcess(context, child, file)
  return Object.assign(measured, { name, url: `http://127.0.0.1:${port}`, startedAt })
}

/** Until it has joined its group and runs its tasks. Throws Error with the end of its log when it ends instead. */
export async function untilReady(context: BenchContext, service: ServiceProcess): Promise<void> {
  await until(
    async () => {
      requireRunning(service)
      return await fetch(`${service.url}/ready`).then(
        ({ ok }) => ok,
        () => false,
      )
    },
    context,
    60_000,
    () => `a service is not ready; ${endOfLog(service)}`,
  )
}

/** Throws Error with the end of its log when the process has ended. */
export function requireRunning(process_: MeasuredProcess): void {
  if (process_.ended !== undefined) throw new Error(`A process ${process_.ended}; ${endOfLog(process_)}`)
}

const endOfLog = ({ logFile }: MeasuredProcess) =>
  `the end of ${logFile}:\n${readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-8).join('\n')}`
