import type { Metrics } from '../../../shared/observability/metrics.ts'

/** Producers told apart in metrics at a time; a stranger may invent names without end. */
const maxProducers = 500
/** Stands for all others. */
const overflow = 'other'
/** Of a name, characters. */
const maxNameLength = 100
/** A producer's figure is that of the last one to two of these; who has sent nothing for as long is forgotten. */
const periodMs = 60_000

/** How far ahead of the broker's clock one producer's events are. */
export class ProducerClock {
  /** The latest event less the time at which it came, milliseconds, in this period and in the one before. */
  aheadMs = -Infinity
  beforeMs = -Infinity
  /** Whoever holds it must ask for the producer's clock anew. */
  isForgotten = false
}

/** Of the producers that all tasks of a process read. */
export class ProducerClocks {
  readonly #clocks = new Map<string, ProducerClock>()
  #since = -Infinity

  /** Of the producer of that name, or of all others when there are too many. */
  of(name: string): ProducerClock {
    const known = this.#clocks.get(name)
    if (known) return known
    const isFull = this.#clocks.size >= maxProducers
    const label = isFull ? overflow : name.slice(0, maxNameLength)
    let clock = this.#clocks.get(label)
    if (!clock) {
      clock = new ProducerClock()
      this.#clocks.set(label, clock)
    }
    return clock
  }

  /** Each producer's figure, seconds, above 0 when it is ahead. */
  read(now: number): readonly (readonly [producer: string, seconds: number])[] {
    if (now - this.#since >= periodMs) this.#turn(now)
    return [...this.#clocks].flatMap(([name, { aheadMs, beforeMs }]) => {
      const ahead = Math.max(aheadMs, beforeMs)
      return ahead === -Infinity ? [] : [[name, ahead / 1_000] as const]
    })
  }

  #turn(now: number): void {
    this.#since = now
    for (const [name, clock] of this.#clocks) {
      if (clock.aheadMs === -Infinity && clock.beforeMs === -Infinity) {
        clock.isForgotten = true
        this.#clocks.delete(name)
      }
      clock.beforeMs = clock.aheadMs
      clock.aheadMs = -Infinity
    }
  }
}

const ofMetrics = new WeakMap<Metrics, ProducerClocks>()

/** Those that are told in these metrics. */
export function producerClocksIn(metrics: Metrics, now: () => number): ProducerClocks {
  const known = ofMetrics.get(metrics)
  if (known) return known
  const clocks = new ProducerClocks()
  ofMetrics.set(metrics, clocks)
  const gauge = metrics.gauge({
    name: 'normalizer_clock_skew_seconds',
    help: 'By producer, its latest event of the last minute or two less the time at which the broker took it: above 0 for clocks that run ahead.',
    labels: ['producer'],
    collect: () => {
      gauge.reset()
      for (const [producer, seconds] of clocks.read(now())) gauge.set({ producer }, seconds)
    },
  })
  return clocks
}
