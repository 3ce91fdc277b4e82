import type { Histogram } from '../../../shared/avro/types.ts'
import { addHistogram } from '../../../shared/sketch/histograms.ts'
import type { SketchStore } from '../../../shared/sketch/sketch-store.ts'
import { subtractHistogram } from '../../../shared/sketch/subtract-histogram.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import { type Aggregate, type Aggregates, increaseOf } from '../windows/aggregate.ts'
import { increaseBetween } from './counter.ts'

/** A reading of a cumulative series: the value of a counter, or a histogram that counts on. */
export interface Reading {
  readonly time: EventTime
  readonly value: number | Histogram
}

/**
 * The readings of one cumulative series in one window. They are kept, not added up: what was gained between two
 * readings is known only when both are, and a late one changes what its neighbours mean.
 */
export class CumulativeReadings {
  #readings: Reading[] = []
  #inOrder = true

  add(time: EventTime, value: number | Histogram): void {
    const last = this.#readings.at(-1)
    const reading = { time, value }
    if (last && order(last, reading) > 0) this.#inOrder = false
    this.#readings.push(reading)
  }

  /** The last one by time; there is always one. */
  get last(): Reading {
    return this.#sorted().at(-1)!
  }

  /**
   * Adds to `into` what was gained since `previous`, the last reading before this window: of a counter the increase, and
   * as samples its rates per second; of a histogram its samples. A gap longer than `maxGapMs` tells nothing.
   */
  fill(into: Aggregate, aggregates: Aggregates, previous: Reading | undefined, maxGapMs: number): void {
    const { sketches } = aggregates
    let before = previous
    for (const reading of this.#sorted()) {
      const { time, value } = reading
      if (before && time - before.time <= maxGapMs) {
        if (typeof value !== 'number') {
          const earlier = typeof before.value === 'number' ? undefined : before.value
          addIncrease(sketches, into.sketch, (earlier && subtractHistogram(value, earlier)) ?? value)
        } else if (typeof before.value === 'number' && time > before.time) {
          const gained = increaseBetween(before.value, value)
          const rate = (gained / (time - before.time)) * 1_000
          if (Number.isFinite(rate)) {
            increaseOf(into).add(gained)
            sketches.add(into.sketch, rate)
          }
        }
      }
      before = reading
    }
  }

  #sorted(): readonly Reading[] {
    if (!this.#inOrder) {
      this.#readings.sort(order)
      this.#inOrder = true
    }
    return this.#readings
  }
}

/** Readings without buckets that tell no sum leave nothing to say of where the samples between them are: these are left out. */
function addIncrease(sketches: SketchStore, sketch: number, increase: Histogram): void {
  try {
    addHistogram(sketches, sketch, increase)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
}

/** By time; readings of the same time by value, so that the order of arrival does not matter. */
function order(a: Reading, b: Reading): number {
  if (a.time !== b.time) return a.time - b.time
  return sizeOf(a.value) - sizeOf(b.value)
}

const sizeOf = (value: number | Histogram) => (typeof value === 'number' ? value : value.count)
