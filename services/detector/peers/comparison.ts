import type { Compared } from './compared.ts'
import { enoughWindows, type Norm } from './norm.ts'
import { lowerWithout, medianWithout, rankOf, upperWithout } from './others.ts'

/** Of so few nobody can say which one is unlike the others. */
export const fewestMembers = 4

/** Numbers that stand beside the value of a member, in this order. */
export const besideWidth = 5

/**
 * Compares each value of a window with its siblings. What a member usually has more or less than they is taken off first,
 * so that it makes no difference to the others when it comes or goes. Undefined when they are too few; NaN in
 * `values` stands for one that is not there, and the answer has nothing in its place. The order of members does not matter.
 */
export function compare(
  values: readonly number[],
  normOf: (place: number) => Norm,
): readonly (Compared | undefined)[] | undefined {
  const places = [...values.keys()].filter((place) => Number.isFinite(values[place]))
  if (places.length < fewestMembers) return undefined
  const common = sorted(places.map((place) => values[place]! - normOf(place).usual))
  const differences = new Level(
    places,
    (place) => values[place]! - normOf(place).difference,
    (place) => normOf(place).differences,
  )
  const positive = places.filter((place) => values[place]! > 0)
  const ratios =
    positive.length < fewestMembers
      ? undefined
      : new Level(
          positive,
          (place) => Math.log(values[place]!) - normOf(place).ratio,
          (place) => normOf(place).ratios,
        )
  const compared: (Compared | undefined)[] = values.map(() => undefined)
  for (const place of places) {
    const value = values[place]!
    const { usual } = normOf(place)
    const rank = rankOf(common, value - usual)
    compared[place] = {
      difference: value - differences.around(place),
      ratio: ratios && value > 0 ? Math.log(value) - ratios.around(place) : Number.NaN,
      expected: medianWithout(common, rank) + usual,
      lower: lowerWithout(common, rank) + usual,
      upper: upperWithout(common, rank) + usual,
    }
  }
  return compared
}

/** What is common to all: the median of values from which what is usual of each has been taken off. */
class Level {
  readonly #freedOf: (place: number) => number
  readonly #isKnown: (place: number) => boolean
  readonly #sorted: Float64Array

  /** Members that are known are asked, if there are enough of them; all otherwise. */
  constructor(
    places: readonly number[],
    freedOf: (place: number) => number,
    windowsOf: (place: number) => number,
  ) {
    const known = places.filter((place) => windowsOf(place) >= enoughWindows)
    const isEnough = known.length >= fewestMembers
    this.#freedOf = freedOf
    this.#isKnown = isEnough ? (place) => windowsOf(place) >= enoughWindows : () => true
    this.#sorted = sorted((isEnough ? known : places).map(freedOf))
  }

  /** Of all but this member. */
  around(place: number): number {
    const rank = this.#isKnown(place) ? rankOf(this.#sorted, this.#freedOf(place)) : -1
    return medianWithout(this.#sorted, rank)
  }
}

const sorted = (values: readonly number[]) => Float64Array.from(values).sort()
