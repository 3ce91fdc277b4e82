import type { Noise } from './noises.ts'

/** Something that goes wrong in a series. */
export interface Fault {
  readonly name: string
  /** Windows within which it must be told. */
  readonly within: number
  /** Noises that it can't befall are left out. */
  befalls?(noise: Noise): boolean
  /**
   * What becomes of a value, so many windows after the beginning; undefined when it is not there. `deviation` is that of
   * the noise, `next` gives normal numbers, and `usual` tells what the noise would be at another time.
   */
  change(value: number, since: number, noise: Noise, next: () => number): number | undefined
  /** The time of day that the series follows, where that is what went wrong. */
  shiftMs?: number
}

const hour = 60
const day = 24 * hour

/** Sizes are chosen to be what a person would see in a chart at once, but for the leak, which nobody sees. */
export const faults: readonly Fault[] = [
  {
    name: 'spike',
    within: 1,
    change: (value, since, { deviation }) => (since < 1 ? value + 10 * deviation : value),
  },
  {
    name: 'drop',
    within: 1,
    change: (value, since, { deviation }) => (since < 1 ? value - 10 * deviation : value),
  },
  {
    name: 'level',
    within: hour,
    change: (value, _, { deviation }) => value + 8 * deviation,
  },
  {
    name: 'slow leak',
    within: day,
    change: (value, since, { deviation, leak }) => value + leak * deviation * since,
  },
  {
    name: 'variance',
    within: hour,
    // A counter can't fall: its gains scatter by less than they are.
    change: (value, _, { deviation }, next) => value + 4 * deviation * next(),
  },
  {
    name: 'missing',
    within: hour,
    change: (value, since) => (since < hour ? undefined : value),
  },
  {
    name: 'season broken',
    within: 6 * hour,
    befalls: ({ name }) => name === 'seasonal',
    change: (value) => value,
    shiftMs: 12 * 3_600_000,
  },
]
