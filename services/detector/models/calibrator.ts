import type { Cells, Layout } from './cells.ts'

/** Distances to expect: 2 % are above `usual`, by `excess` on average. */
export interface Prior {
  readonly usual: number
  readonly excess: number
}

/**
 * Turns the distances of a model into how improbable they are, by what the same model said of the same series before:
 * that gives them one meaning on all series. The 98 % quantile is followed by stochastic approximation (Robbins and Monro
 * 1951), and what lies above it is taken for exponential, the middle one of the generalized Pareto tails (peaks over
 * threshold: Siffer et al. 2017, "Anomaly Detection in Streams with Extreme Value Theory"). Of distances that are above one
 * after the other only the highest is learnt (runs declustering: Smith and Weissman 1994), so an incident is one lesson,
 * however long it is.
 */
export class Calibrator {
  /** Distances learnt; the quantile; mean excess; peak and length of the run that is going on. */
  readonly #at: number
  readonly #usual: number
  readonly #excess: number

  constructor(layout: Layout, prior: Prior) {
    this.#at = layout.floats(5)
    this.#usual = prior.usual
    this.#excess = prior.excess
  }

  /** How improbable a distance this large is: -ln of the chance, 0 or more. */
  surprise({ floats }: Cells, distance: number): number {
    const at = this.#at
    const isNew = floats[at] === 0
    const usual = isNew ? this.#usual : floats[at + 1]!
    const excess = isNew ? this.#excess : floats[at + 2]!
    return beyond(distance, usual, excess)
  }

  /** The distance below which 98 % are. */
  usual({ floats }: Cells): number {
    return floats[this.#at] === 0 ? this.#usual : floats[this.#at + 1]!
  }

  learn({ floats }: Cells, distance: number): void {
    const at = this.#at
    if (floats[at] === 0) {
      floats[at + 1] = this.#usual
      floats[at + 2] = this.#excess
    }
    const seen = Math.min(memory, floats[at]! + 1)
    floats[at] = seen
    const usual = floats[at + 1]!
    const isAbove = distance > usual
    const step = floats[at + 2]! * Math.max(1 / 256, 8 / (seen + 16)) * (isAbove ? 1 - tail : -tail)
    floats[at + 1] = Math.max(this.#usual * floor, usual + step)
    if (isAbove) {
      floats[at + 3] = Math.max(floats[at + 3]!, distance - usual)
      floats[at + 4]! += 1
    }
    if (floats[at + 4] === longestRun || (!isAbove && floats[at + 4]! > 0)) this.#learnPeak(floats, seen)
  }

  #learnPeak(floats: Float32Array, seen: number): void {
    const at = this.#at
    const excess = floats[at + 2]!
    const peak = Math.min(floats[at + 3]!, cut * excess)
    const share = Math.max(1 / 64, 1 / (tail * seen + 4))
    floats[at + 2] = Math.max(this.#excess * floor, excess + share * (peak - excess))
    floats[at + 3] = 0
    floats[at + 4] = 0
  }
}

/** How improbable a distance is before anything is known of the series: -ln of the chance, 0 or more. */
export const surpriseOf = (distance: number, { usual, excess }: Prior) => beyond(distance, usual, excess)

const beyond = (distance: number, usual: number, excess: number) =>
  distance <= usual ? 0 : Math.min(maxSurprise, logTail + (distance - usual) / excess)

const tail = 0.02
const logTail = -Math.log(tail)
/** Distances after which counting on changes nothing. */
const memory = 1 << 20
/** Beyond this a chance means nothing any more. */
const maxSurprise = 200
/** In units of the mean excess. */
const cut = 8
/** No series is taken to be calmer than a third of Gaussian noise. */
const floor = 1 / 3
/** What lasts longer is usual in part. */
const longestRun = 256
