import { setTimeout as delay } from 'node:timers/promises'
import { RetryableError } from '../../shared/errors.ts'
import { createProducer, type OutgoingMessage, type Producer } from '../../shared/kafka/producer.ts'
import { type Installation, silent } from './installation.ts'
import { fields, hostName, measurement, sampleAt } from './workload.ts'

const tickMs = 100
const retryMs = 1_000

/**
 * Line protocol at a steady rate, its event time the present, a batch every tenth of a second. Remembers when event time
 * went past a moment.
 */
export class SteadyFlow {
  readonly #producer: Producer
  readonly #topic: string
  readonly #hosts: number
  readonly #messagesInTick: number
  readonly #passing: (eventTime: number, sendBegins: number) => void
  readonly #stopping = new AbortController()
  #finished: Promise<void> = Promise.resolve()
  #next = 0
  #moment = 0
  /** The longest that a batch was sent after its time. */
  worstDelayMs = 0
  messages = 0

  private constructor(producer: Producer, topic: string, options: FlowOptions) {
    this.#producer = producer
    this.#topic = topic
    this.#hosts = options.hosts
    this.#messagesInTick = Math.round((options.pointsPerSecond / fields.length) * (tickMs / 1_000))
    this.#passing = options.onTick
  }

  static async start({ config, raw }: Installation, options: FlowOptions): Promise<SteadyFlow> {
    const flow = new SteadyFlow(await createProducer(config.kafka, silent), raw, options)
    flow.#finished = flow.#run()
    return flow
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#finished
    await this.#producer.close()
  }

  async #run(): Promise<void> {
    let tick = Math.ceil(Date.now() / tickMs) * tickMs
    while (!this.#stopping.signal.aborted) {
      const wait = tick - Date.now()
      if (wait > 0) await delay(wait)
      else this.worstDelayMs = Math.max(this.worstDelayMs, -wait)
      const batch = Array.from({ length: this.#messagesInTick }, () => this.#message(tick))
      this.#passing(tick, Date.now())
      await this.#send(batch)
      this.messages += batch.length
      tick += tickMs
    }
  }

  /** Until the broker has it: one that is away for a while must not end a long run. */
  async #send(batch: readonly OutgoingMessage[]): Promise<void> {
    for (;;) {
      try {
        return await this.#producer.send(this.#topic, batch)
      } catch (error) {
        if (!(error instanceof RetryableError) || this.#stopping.signal.aborted) throw error
        await delay(retryMs)
      }
    }
  }

  /** The next host's, in turn. */
  #message(time: number) {
    const host = this.#next
    this.#next = (host + 1) % this.#hosts
    if (this.#next === 0) this.#moment++
    const name = hostName(host)
    const values = fields.map((field, i) => `${field}=${sampleAt(host, i, this.#moment)}`).join(',')
    return { key: name, value: `${measurement},host=${name} ${values} ${time}000000` }
  }
}

interface FlowOptions {
  readonly hosts: number
  readonly pointsPerSecond: number
  /** Called right before the batch of an event time is sent. */
  onTick(eventTime: number, sendBegins: number): void
}
