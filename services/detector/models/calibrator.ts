import type { Cells, Layout } from './cells.ts'

/**
 * Turns the distances of a model into how improbable they are, by what the same model said of the same series before:
 * that gives them one meaning on all series. The 98 % quantile is followed by stochastic approximation (Robbins and Monro
 * 1951), and what lies above it is taken for exponential, the middle one of the generalized Pareto tails (peaks over
 * threshold: Siffer et al. 2017, "Anomaly Detection in Streams with Extreme Value Theory").
 */
export class Calibrator {
  readonly #at: number
  readonly #usual: number
  readonly #excess: number

  constructor(layout: Layout, prior: { readonly usual: number; readonly excess: number }) {
    this.#at = layout.floats(3)
    this.#usual = prior.usual
    this.#excess = prior.excess
  }

  /** How improbable a distance this large is: -ln of the chance, 0 or more. */
  surprise({ floats }: Cells, distance: number): number {
    const at = this.#at
    const seen = floats[at]!
    const usual = seen === 0 ? this.#usual : floats[at + 1]!
    const excess = seen === 0 ? this.#excess : floats[at + 2]!
    if (distance <= usual) return 0
    return Math.min(maxSurprise, logTail + (distance - usual) / excess)
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
    const excess = floats[at + 2]!
    const isAbove = distance > usual
    // A step per value of the order of the tail's own width: enough to follow, too little to be dragged by one incident.
    const rate = excess * Math.max(1 / 16, 8 / (seen + 16))
    floats[at + 1] = Math.max(this.#usual * floor, usual + rate * (isAbove ? 1 - tail : -tail))
    if (isAbove) {
      // Cut, so that one incident does not make the next one usual.
      const beyond = Math.min(distance - usual, cut * excess)
      const share = Math.max(1 / 64, 1 / (tail * seen + 4))
      floats[at + 2] = Math.max(this.#excess * floor, excess + share * (beyond - excess))
    }
  }
}

const tail = 0.02
const logTail = -Math.log(tail)
/** Values after which the estimates move with a constant rate. */
const memory = 1 << 20
/** Beyond this a chance means nothing any more. */
const maxSurprise = 200
/** In units of the mean excess. */
const cut = 8
/** No series is taken to be calmer than a third of Gaussian noise. */
const floor = 1 / 3
