import type { Logger } from '../../shared/observability/logger.ts'
import { type Collector, toLine } from './collector.ts'
import type { LogShipper } from './log-shipper.ts'

interface AgentOptions {
  readonly host: string
  readonly collectors: readonly Collector[]
  readonly logs: readonly LogShipper[]
  readonly log: Logger
  /** Sends the values, as messages with the host's name for a key, to one of the raw topics. */
  publish(kind: 'metrics' | 'logs', values: readonly string[]): Promise<void>
}

/** One agent: each round reads what is due and publishes it. */
export class HostAgent {
  readonly #options: AgentOptions
  readonly #dueAt = new Map<Collector, number>()
  readonly #failing = new Set<Collector>()

  constructor(options: AgentOptions) {
    this.#options = options
  }

  async round(now: Date): Promise<void> {
    const { logs, publish } = this.#options
    const lines = (await Promise.all(this.#due(now).map((collector) => this.#collect(collector, now)))).flat()
    // As Telegraf's Kafka output does: a message a measurement.
    if (lines.length > 0) await publish('metrics', lines)
    const events = (await Promise.all(logs.map((shipper) => shipper.events(now)))).flat()
    if (events.length > 0)
      await publish(
        'logs',
        events.map((event) => JSON.stringify(event)),
      )
  }

  #due(now: Date): readonly Collector[] {
    return this.#options.collectors.filter((collector) => {
      if ((this.#dueAt.get(collector) ?? 0) > now.getTime()) return false
      this.#dueAt.set(collector, now.getTime() + (collector.everySeconds ?? 0) * 1_000)
      return true
    })
  }

  /** A collector that fails is told once, and tried again each time. */
  async #collect(collector: Collector, now: Date): Promise<readonly string[]> {
    try {
      const measurements = await collector.collect()
      this.#failing.delete(collector)
      return measurements.flatMap(
        (measurement) => toLine(measurement, this.#options.host, now.getTime()) ?? [],
      )
    } catch (error) {
      if (!this.#failing.has(collector)) {
        this.#options.log.warn(`${collector.name} can't be read: ${(error as Error).message}`)
        this.#failing.add(collector)
      }
      return []
    }
  }
}
