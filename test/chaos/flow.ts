import { setTimeout as delay } from 'node:timers/promises'
import { RetryableError } from '../../shared/errors.ts'
import type { OutgoingMessage, Producer } from '../../shared/kafka/producer.ts'
import type { Ledger } from './ledger.ts'
import { ecsOf, lineOf, type TelemetryOptions, tick } from './telemetry.ts'

interface FlowOptions extends TelemetryOptions {
  readonly producer: Producer
  readonly ledger: Ledger
  readonly rawMetrics: string
  readonly rawLogs: string
  readonly random: () => number
  readonly tickMs: number
}

/** The brokers are never away for so long. */
const giveUpAfterMs = 180_000

/** Publishes telemetry until it is told to end. While the brokers are away it waits, as an agent would. */
export class Flow {
  readonly #options: FlowOptions
  readonly #stopping = new AbortController()
  readonly #finished: Promise<void>
  /** Messages that were acknowledged, by topic. */
  readonly messages = new Map<string, number>()

  constructor(options: FlowOptions) {
    this.#options = options
    this.#finished = this.#run()
    // `end` tells it; until then it must not end the process.
    this.#finished.catch(() => undefined)
  }

  /** Resolves when everything was acknowledged. */
  async end(): Promise<void> {
    this.#stopping.abort()
    await this.#finished
  }

  async #run(): Promise<void> {
    const { ledger, metric, rawMetrics, rawLogs, random, tickMs } = this.#options
    while (!this.#stopping.signal.aborted) {
      const { metrics, logs } = tick(this.#options, random, Date.now(), ledger.logs.size)
      await this.#send(
        rawMetrics,
        metrics.map(({ partition, points }) => ({ partition, value: lineOf(metric, points) })),
      )
      for (const { points } of metrics) ledger.addPoints(points)
      await this.#send(
        rawLogs,
        logs.map(({ partition, event }) => ({ partition, value: ecsOf(event) })),
      )
      for (const { event } of logs) ledger.addLog(event)
      await delay(tickMs)
    }
  }

  /**
   * Sends the very same messages until they are acknowledged. The producer keeps its identity and, after a failure, the
   * sequence numbers too, so the broker recognizes what it has already: no outcome stays unknown.
   */
  async #send(topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
    const deadline = Date.now() + giveUpAfterMs
    for (;;) {
      try {
        await this.#options.producer.send(topic, messages)
        this.messages.set(topic, (this.messages.get(topic) ?? 0) + messages.length)
        return
      } catch (error) {
        if (!(error instanceof RetryableError) || Date.now() > deadline) throw error
        await delay(250)
      }
    }
  }
}
