import { setTimeout as delay } from 'node:timers/promises'
import { type ServiceName, services } from '../../cli/services.ts'
import { WorkerProcess } from './worker-process.ts'

interface CrewOptions {
  readonly env: Readonly<Record<string, string>>
  /** For the workers' logs. */
  readonly directory: string
  say(what: string): void
}

const restartAfterMs = 1_000

/** All workers of the run. A fault takes one for itself, so that no other fault meddles with it. */
export class Crew {
  readonly #options: CrewOptions
  readonly #workers = new Map<WorkerProcess, { busy: boolean }>()
  #hired = 0
  #dismissed = false
  /** Ends that no fault has brought about. */
  readonly crashes: string[] = []

  constructor(options: CrewOptions) {
    this.#options = options
  }

  /** Starts another worker of a service. */
  async hire(service: ServiceName): Promise<WorkerProcess> {
    const { env, directory } = this.#options
    const worker = new WorkerProcess({
      service,
      number: ++this.#hired,
      env,
      directory,
      onCrash: (crashed, reason) => void this.#restart(crashed, reason),
    })
    this.#workers.set(worker, { busy: false })
    await worker.start()
    return worker
  }

  count(service: ServiceName): number {
    return this.#of(service).length
  }

  /** Runs `work` on a worker of the service that no one else holds, hired for it when there is none. */
  async withWorker(
    service: ServiceName,
    random: () => number,
    work: (worker: WorkerProcess) => Promise<void>,
  ): Promise<void> {
    const free = this.#of(service).filter((worker) => !this.#workers.get(worker)!.busy)
    const worker = free[Math.floor(random() * free.length)] ?? (await this.hire(service))
    const state = this.#workers.get(worker)!
    state.busy = true
    await work(worker)
    state.busy = false
  }

  /** Ends a worker in an orderly way, for good. An exit status other than 0 is a crash. */
  async dismiss(worker: WorkerProcess): Promise<void> {
    this.#workers.delete(worker)
    // A process that has only just begun does not listen to signals yet.
    while (worker.pid !== undefined && !(await worker.answers('/live'))) await delay(100)
    const status = await worker.end('SIGTERM')
    if (status !== 0) this.#crashed(worker, `was to end in order, and ended with status ${status}`)
  }

  async untilReady(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs
    for (const worker of this.#workers.keys()) {
      while (!(await worker.answers('/ready'))) {
        if (Date.now() > deadline)
          throw new Error(
            `${worker.name} does not become ready; the end of ${worker.logFile}:\n${worker.endOfLog()}`,
          )
        await delay(100)
      }
    }
  }

  async dismissAll(): Promise<void> {
    this.#dismissed = true
    await Promise.all(
      [...this.#workers.keys()].map(async (worker) => {
        worker.thaw()
        await worker.end('SIGTERM')
      }),
    )
    this.#workers.clear()
  }

  /** For the moment when there is no time left. */
  kill(): void {
    this.#dismissed = true
    for (const worker of this.#workers.keys()) void worker.end('SIGKILL')
  }

  #of(service: ServiceName): readonly WorkerProcess[] {
    return [...this.#workers.keys()].filter((worker) => worker.service === service)
  }

  /** As any supervisor would. */
  async #restart(worker: WorkerProcess, reason: string): Promise<void> {
    this.#crashed(worker, reason)
    await delay(restartAfterMs)
    if (!this.#dismissed && this.#workers.has(worker) && worker.pid === undefined) await worker.start()
  }

  #crashed(worker: WorkerProcess, reason: string): void {
    this.crashes.push(`${worker.name} ${reason}; the end of ${worker.logFile}:\n${worker.endOfLog()}`)
    this.#options.say(`${worker.name} ${reason}`)
  }
}

export const serviceNames: readonly ServiceName[] = services.map(({ name }) => name)
