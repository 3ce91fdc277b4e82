import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'

interface ChildOptions {
  readonly name: string
  /** Of the script that Node runs, and its arguments. */
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly logFile: string
  /** It ended though nobody asked it to; `forGood` when it will not be started again. */
  onEnd(reason: string, forGood: boolean): void
}

const restartAfterMs = 1_000
const killAfterMs = 8_000

/** A process of ours that is started again when it ends by itself, unless its configuration is wrong. */
export class Child {
  readonly name: string
  readonly #options: ChildOptions
  #process: ChildProcess | undefined
  #stopping = false
  restarts = 0

  constructor(options: ChildOptions) {
    this.name = options.name
    this.#options = options
  }

  get logFile(): string {
    return this.#options.logFile
  }

  start(): void {
    const { args, env, logFile } = this.#options
    mkdirSync(dirname(logFile), { recursive: true })
    const log = openSync(logFile, 'a')
    // A group of its own: Ctrl-C in the terminal is for `up`, which stops its children in order. The channel tells them
    // when `up` is gone without having been able to.
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', log, log, 'ipc'], detached: true })
    this.#process = child
    child.once('exit', (code, signal) => {
      if (this.#stopping || this.#process !== child) return
      const reason = signal ? `was ended by ${signal}` : `ended with exit status ${code}`
      this.#options.onEnd(`${this.name} ${reason}; see ${logFile}`, code === 2)
      if (code === 2) return
      setTimeout(() => {
        if (this.#stopping) return
        this.restarts++
        this.start()
      }, restartAfterMs)
    })
  }

  /** Politely, and by force when that takes too long. */
  async stop(): Promise<void> {
    this.#stopping = true
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs)
    await ended
    clearTimeout(timer)
  }

  /** For the moment when there is no time left. */
  kill(): void {
    this.#stopping = true
    this.#process?.kill('SIGKILL')
  }
}
