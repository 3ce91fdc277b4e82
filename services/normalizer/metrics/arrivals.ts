import { producerHeaders } from '../../../shared/observability/producer-headers.ts'
import type { EventTime, StreamRecord } from '../../../shared/stream/task.ts'
import type { SeriesRef } from '../series-cache.ts'
import { Delays } from './delays.ts'
import { ProducerClock, type ProducerClocks } from './producer-clocks.ts'

function seen(clock: ProducerClock, aheadMs: number): void {
  if (aheadMs > clock.aheadMs) clock.aheadMs = aheadMs
}

/** Tags that name the host of a series, the most telling first. */
const hostTags = ['host', 'host.name', 'hostname', 'instance'] as const

/**
 * Notes for metrics when events came, and of whom. It is asked for each point, so it only counts points that follow one
 * another with one time, as those of a line do: such a run is noted when it is over. Whose it is, its first series tells.
 */
export class Arrivals {
  readonly #clocks: ProducerClocks
  /** Who does not say who it is. */
  readonly #nobody = new ProducerClock()
  readonly #ignored = new Delays()
  #at: EventTime = 0
  /** Whom the record's headers name; undefined when none does. */
  #sender: ProducerClock | undefined
  /** Of the format of the record. */
  #delays = this.#ignored
  /** The run. */
  #time: EventTime = Number.NaN
  #points = 0
  #first: SeriesRef | undefined

  constructor(clocks: ProducerClocks) {
    this.#clocks = clocks
  }

  /** What comes now came at that time, in a record with these headers. */
  begin({ headers }: Pick<StreamRecord<unknown>, 'headers'>, at: EventTime): void {
    this.settle()
    this.#at = at
    this.#sender = this.#named(headers)
  }

  /** Where the delays of the record's events are counted. */
  countIn(delays: Delays): void {
    this.settle()
    this.#delays = delays
  }

  /** What comes now came before, and was noted then. */
  ignore(): void {
    this.countIn(this.#ignored)
    this.#sender = this.#nobody
  }

  point(series: SeriesRef, time: EventTime): void {
    if (time !== this.#time) this.#beginRun(series, time)
    this.#points++
  }

  /** A log event or a span of this host, which is empty when it is unknown; `at` is when it came, if not in this record. */
  event(host: string, time: EventTime, at: EventTime = this.#at): void {
    this.#delays.add(at - time, 1)
    seen(this.#sender ?? (host === '' ? this.#nobody : this.#clocks.of(host)), time - at)
  }

  /** Notes the run so far. */
  settle(): void {
    if (this.#points === 0) return
    this.#delays.add(this.#at - this.#time, this.#points)
    seen(this.#sender ?? this.#ofSeries(this.#first!), this.#time - this.#at)
    this.#points = 0
    this.#time = Number.NaN
  }

  #beginRun(series: SeriesRef, time: EventTime): void {
    this.settle()
    this.#time = time
    this.#first = series
  }

  #ofSeries(ref: SeriesRef): ProducerClock {
    const known = ref.clock
    if (known && !known.isForgotten) return known
    const { tags } = ref.series
    let clock = this.#nobody
    for (const name of hostTags) {
      const host = tags.find(({ key }) => key === name)
      if (!host) continue
      clock = this.#clocks.of(host.value)
      break
    }
    ref.clock = clock
    return clock
  }

  #named(headers: Readonly<Record<string, Buffer>>): ProducerClock | undefined {
    // Most records have none, and then this is all that it costs.
    for (const _ in headers) {
      for (const name of producerHeaders) {
        const value = Object.hasOwn(headers, name) ? headers[name] : undefined
        if (value?.length) return this.#clocks.of(value.toString('utf8', 0, 255))
      }
      break
    }
    return undefined
  }
}
