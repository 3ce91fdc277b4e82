import { gaussian } from '../../test/support/gaussian.ts'
import { seededRandom } from '../../test/support/random.ts'

const dayMs = 86_400_000

/** Values of series that do alike, in order of time, in which nothing happens to one alone. */
export interface Siblings {
  readonly name: string
  /** Standard deviation of what can't be foreseen of a value; faults are so many of it. */
  readonly deviation: number
  /** Gives the values of a time, one for each member. */
  create(seed: number, members: number): (time: number) => number[]
}

const wave = (time: number) => 1 + 0.4 * Math.sin((2 * Math.PI * time) / dayMs)

/** All the same, but for noise. */
const alike: Siblings = {
  name: 'alike',
  deviation: 3,
  create(seed, members) {
    const next = gaussian(seed)
    return (time) => Array.from({ length: members }, () => 100 * wave(time) + 3 * next())
  },
}

/** Each with a share of its own of a load that rises and falls, and noise that grows with the load. */
const unequal: Siblings = {
  name: 'unequal shares',
  deviation: 3,
  create(seed, members) {
    const next = gaussian(seed)
    const random = seededRandom(seed)
    const shares = Array.from({ length: members }, () => 0.7 + 0.6 * random())
    return (time) => {
      const load = 100 * wave(time)
      return shares.map((share) => Math.max(0, share * load * (1 + 0.03 * next())))
    }
  },
}

/** Each at a distance of its own from a level that wanders. */
const wandering: Siblings = {
  name: 'wandering',
  deviation: 1,
  create(seed, members) {
    const next = gaussian(seed)
    const distances = Array.from({ length: members }, () => 10 * next())
    let level = 1_000
    return () => {
      level += next()
      return distances.map((distance) => level + distance + next())
    }
  },
}

/** Durations, of which some are long. */
const skewed: Siblings = {
  name: 'skewed',
  deviation: 10,
  create(seed, members) {
    const next = gaussian(seed)
    return (time) => Array.from({ length: members }, () => 40 * wave(time) * Math.exp(0.25 * next()))
  },
}

export const siblings: readonly Siblings[] = [alike, unequal, wandering, skewed]

/** What befalls members, from some time on; `since` counts windows. */
export interface Event {
  readonly name: string
  /** Windows within which it must be told, of the first member. */
  readonly within: number
  /** NaN when there is no value. */
  change(values: number[], since: number, deviation: number): number[]
}

const ofOne =
  (change: (value: number, since: number, deviation: number) => number): Event['change'] =>
  (values, since, deviation) =>
    values.with(0, change(values[0]!, since, deviation))

/** What one member does and the others do not: to be found. */
export const departures: readonly Event[] = [
  { name: 'away', within: 60, change: ofOne((value, _, deviation) => value + 12 * deviation) },
  { name: 'below', within: 60, change: ofOne((value, _, deviation) => value - 12 * deviation) },
  {
    name: 'slowly away',
    within: 1_440,
    change: ofOne((value, since, deviation) => value + 0.05 * deviation * since),
  },
]

/** What is none of a member's own: to be passed over. */
export const commonEvents: readonly Event[] = [
  { name: 'all half as much again', within: 1_440, change: (values) => values.map((value) => 1.5 * value) },
  {
    name: 'all more',
    within: 1_440,
    change: (values, _, deviation) => values.map((value) => value + 12 * deviation),
  },
  {
    name: 'half of them leave',
    within: 1_440,
    change: (values) => values.map((value, i) => (i % 2 === 0 ? Number.NaN : value)),
  },
]
