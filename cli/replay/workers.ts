import { join } from 'node:path'
import { freePort } from '../../stack/ports.ts'
import { Child } from '../up/child.ts'
import { sumOf } from '../up/scrape.ts'
import type { Stage } from './stages.ts'

const root = join(import.meta.dirname, '..', '..')

/** A worker of the replay, as a process of its own. */
export interface Worker {
  /** Adds up a counter of its metrics; 0 while it does not answer. */
  count(metric: string): Promise<number>
  stop(): Promise<void>
  kill(): void
}

interface WorkerOptions {
  readonly env: Readonly<Record<string, string>>
  readonly logDirectory: string
  /** It ended, and will not be started again. */
  onFailure(reason: string): void
}

export async function startWorker(
  { service }: Stage,
  { env, logDirectory, onFailure }: WorkerOptions,
): Promise<Worker> {
  const port = await freePort(0)
  const child = new Child({
    name: service,
    args: [join(root, 'cli', 'main.ts'), service],
    env: { ...process.env, ...env, TIDEMARK_HTTP_PORT: String(port) },
    logFile: join(logDirectory, `${service}.log`),
    onEnd: (reason, forGood) => {
      if (forGood) onFailure(reason)
    },
  })
  child.start()
  return {
    async count(metric) {
      try {
        const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(1_500) })
        return sumOf(await answer.text(), metric)
      } catch {
        return 0
      }
    },
    stop: () => child.stop(),
    kill: () => child.kill(),
  }
}
