import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServiceName } from '../../cli/services.ts'
import { freePort } from '../../stack/ports.ts'

interface WorkerOptions {
  readonly service: ServiceName
  /** Names it among the workers of the run. */
  readonly number: number
  readonly env: Readonly<Record<string, string>>
  readonly directory: string
  /** It ended though nobody had asked it to. */
  onCrash(worker: WorkerProcess, reason: string): void
}

const root = join(import.meta.dirname, '..', '..')

/** A worker of a service: a process that can be killed, frozen and started again. */
export class WorkerProcess {
  readonly service: ServiceName
  readonly name: string
  readonly logFile: string
  readonly #options: WorkerOptions
  #child: ChildProcess | undefined
  #url = ''

  constructor(options: WorkerOptions) {
    this.service = options.service
    this.name = `${options.service}#${options.number}`
    this.logFile = join(options.directory, `${options.service}-${options.number}.log`)
    this.#options = options
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Starts the process and does not wait for it: a server that it needs may be away. */
  async start(): Promise<void> {
    const port = await freePort(0)
    this.#url = `http://127.0.0.1:${port}`
    const log = openSync(this.logFile, 'a')
    // With the channel it ends by itself should this process die.
    const child = spawn(process.execPath, [join(root, 'cli', 'main.ts'), this.service], {
      env: { ...process.env, ...this.#options.env, TIDEMARK_HTTP_PORT: String(port) },
      stdio: ['ignore', log, log, 'ipc'],
    })
    closeSync(log)
    this.#child = child
    child.once('exit', (code, signal) => {
      if (this.#child !== child) return
      this.#child = undefined
      this.#options.onCrash(this, signal ? `was ended by ${signal}` : `ended with exit status ${code}`)
    })
  }

  /** Ends it and resolves when it is gone, with its exit status; null when a signal ended it. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#child
    if (!child) return null
    this.#child = undefined
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
    child.kill(signal)
    return await ended
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Whether it says that it is alive, or ready. */
  async answers(path: '/live' | '/ready'): Promise<boolean> {
    return await fetch(`${this.#url}${path}`, { signal: AbortSignal.timeout(2_000) }).then(
      ({ ok }) => ok,
      () => false,
    )
  }

  /** For a person who wants to know why it ended. */
  endOfLog(): string {
    return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-5).join('\n')
  }
}
