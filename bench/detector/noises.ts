import { gaussian } from '../../test/support/gaussian.ts'
import { seededRandom } from '../../test/support/random.ts'

const dayMs = 86_400_000

/** Values of a series in which nothing happens, in order of time. */
export interface Noise {
  readonly name: string
  /** Standard deviation of what can't be foreseen of a value. Faults are so many of it. */
  readonly deviation: number
  /** What a slow leak adds to each value, in deviations: a walk hides what steady values show. */
  readonly leak: number
  /** Whether values are what a counter gains, which starts again at 0 now and then. */
  readonly isCounter?: true
  /** Anomalies of the first time, when the series has not shown yet how it moves. */
  readonly atFirst?: number
  create(seed: number): (time: number) => number
}

export const noises: readonly Noise[] = [
  {
    name: 'white',
    deviation: 10,
    leak: 0.05,
    create(seed) {
      const next = gaussian(seed)
      return () => 100 + 10 * next()
    },
  },
  {
    name: 'random walk',
    deviation: 1,
    leak: 0.5,
    create(seed) {
      const next = gaussian(seed)
      let value = 1_000
      return () => {
        value += next()
        return value
      }
    },
  },
  {
    name: 'seasonal',
    deviation: 5,
    leak: 0.05,
    create(seed) {
      const next = gaussian(seed)
      const random = seededRandom(seed)
      const [phase, height] = [random() * dayMs, 10 + 20 * random()]
      return (time) => 100 + height * Math.sin((2 * Math.PI * (time + phase)) / dayMs) + 5 * next()
    },
  },
  {
    name: 'counter',
    deviation: 10,
    leak: 0.05,
    isCounter: true,
    create(seed) {
      const next = gaussian(seed)
      return () => Math.max(0, 100 + 10 * next())
    },
  },
  {
    name: 'constant',
    deviation: 1,
    leak: 0.05,
    create: () => () => 7,
  },
  {
    name: 'mostly constant',
    deviation: 5,
    leak: 0.05,
    atFirst: 3,
    create(seed) {
      const random = seededRandom(seed)
      return () => (random() < 1 / 300 ? 1 + Math.floor(3 * random()) : 0)
    },
  },
]

/** What a counter shows that gains so much, restarted about once in so many readings. */
export function counterOf(
  gains: (time: number) => number,
  seed: number,
  readings = 2_000,
): (time: number) => number {
  const random = seededRandom(seed)
  let reading = 1e6 * random()
  return (time) => {
    const gain = Math.max(0, gains(time))
    reading = random() < 1 / readings ? gain : reading + gain
    return reading
  }
}
