import { setTimeout as delay } from 'node:timers/promises'
import type { Window } from '../../shared/avro/types.ts'
import type { Producer } from '../../shared/kafka/producer.ts'
import { seriesKey } from '../../shared/series/series.ts'
import type { Installation } from './pipeline.ts'

const hosts = ['a', 'b', 'c', 'd']

/** Settings by which a worker commits often and takes few records at a time, so that each fetch is cut into many steps and faults fall between them. */
export const smallSteps = { TIDEMARK_WORKER_MAX_BATCH_RECORDS: '2', TIDEMARK_WORKER_COMMIT_INTERVAL_MS: '20' }

export interface Published {
  readonly points: number
  readonly logs: number
  /** Points by `host@start`. */
  readonly perWindow: Readonly<Record<string, number>>
}

/** Publishes points and logs, ten times a second, until it is told to end, and keeps account of them. */
export class Flow {
  readonly #perWindow: Record<string, number> = {}
  readonly #stopping = new AbortController()
  readonly #finished: Promise<void>
  #points = 0
  #logs = 0

  constructor(producer: Producer, installation: Installation, measurement: string) {
    this.#finished = this.#run(producer, installation, measurement)
  }

  async end(): Promise<Published> {
    this.#stopping.abort()
    await this.#finished
    return { points: this.#points, logs: this.#logs, perWindow: this.#perWindow }
  }

  async #run(producer: Producer, installation: Installation, measurement: string): Promise<void> {
    const { rawMetrics, rawLogs, config } = installation
    const windowMs = config.aggregator.sizesMs[0]!
    while (!this.#stopping.signal.aborted) {
      const time = Date.now()
      const message = JSON.stringify({
        '@timestamp': new Date(time).toISOString(),
        message: `event ${this.#logs}`,
        n: String(this.#logs),
      })
      await producer.send(
        rawMetrics,
        hosts.map((host) => ({
          key: host,
          value: `${measurement},host=${host} n=${this.#points} ${time}000000`,
        })),
      )
      await producer.send(rawLogs, [{ value: message }])
      for (const host of hosts) {
        const window = `${host}@${Math.floor(time / windowMs) * windowMs}`
        this.#perWindow[window] = (this.#perWindow[window] ?? 0) + 1
      }
      this.#points += hosts.length
      this.#logs++
      await delay(100)
    }
  }
}

/** What identifies a window with its revision: no two records may share it. */
export const revisionKey = (window: Window) => `${windowKey(window)}#${window.revision}`

const windowKey = ({ series, start }: Window) => `${seriesKey(series)}@${start}`

/** Of each window the highest revision. */
export function newest(windows: readonly Window[]): readonly Window[] {
  const found = new Map<string, Window>()
  for (const window of windows) {
    const key = windowKey(window)
    if ((found.get(key)?.revision ?? -1) < window.revision) found.set(key, window)
  }
  return [...found.values()]
}

export const countPoints = (windows: readonly Window[]) => windows.reduce((sum, { count }) => sum + count, 0)

/** Counts by `host@start`, to be held against `Published.perWindow`. */
export const countsPerWindow = (windows: readonly Window[]) =>
  Object.fromEntries(
    newest(windows).map(({ series, start, count }) => [`${series.tags[0]!.value}@${start}`, count]),
  )
