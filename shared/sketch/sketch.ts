import { addToBin, binCount, binIndex, collapseBins, mergeBins } from './bins.ts'
import { readSketch, writeSketch } from './sketch-bytes.ts'
import { exactSamples, maxBins, relativeAccuracy, type SketchState } from './state.ts'

const gamma = (1 + relativeAccuracy) / (1 - relativeAccuracy)
const logGamma = Math.log(gamma)
const perLog = 1 / logGamma

/**
 * Quantiles of a stream in bounded memory, mergeable: a DDSketch (Masson, Rim, Lee 2019) with logarithmic bins, sample
 * x > 0 in bin ⌈log_γ x⌉, γ = (1 + α) / (1 − α), negative samples likewise by their magnitude. When there are too many
 * bins, all are merged in pairs, which squares γ (the uniform collapse of Epicoco et al. 2020, UDDSketch): unlike
 * collapsing the lowest, that spares no end of the distribution and depends on no order.
 *
 * Any order and grouping of adds and merges of the same samples gives the same bytes. Count, min and max are exact.
 */
export class QuantileSketch {
  readonly #state: SketchState

  constructor(state: SketchState = emptyState()) {
    this.#state = state
  }

  /** Throws RangeError for malformed bytes. */
  static fromBytes(bytes: Uint8Array): QuantileSketch {
    return new QuantileSketch(readSketch(bytes))
  }

  get count(): number {
    return this.#state.count
  }

  /** NaN when empty. */
  get min(): number {
    return this.#state.count === 0 ? Number.NaN : this.#state.min
  }

  /** NaN when empty. */
  get max(): number {
    return this.#state.count === 0 ? Number.NaN : this.#state.max
  }

  /** Takes a sample, `weight` times. Throws RangeError when it is not finite. */
  add(value: number, weight = 1): void {
    if (!Number.isFinite(value)) throw new RangeError(`a sketch takes finite numbers, not ${value}`)
    const state = this.#state
    const sample = value === 0 ? 0 : value
    state.count += weight
    if (sample < state.min) state.min = sample
    if (sample > state.max) state.max = sample
    if (state.exact) {
      if (state.count <= exactSamples) {
        for (let i = 0; i < weight; i++) state.exact.push(sample)
        return
      }
      this.#leaveExact()
    }
    this.#addToBins(sample, weight)
    this.#collapseIfNeeded()
  }

  /** Takes all samples of another sketch, which stays as it is. */
  merge(other: QuantileSketch): void {
    const state = this.#state
    const { exact, count, min, max, level, positive, negative, zeros } = other.#state
    state.count += count
    state.min = Math.min(state.min, min)
    state.max = Math.max(state.max, max)
    if (exact) {
      const samples = [...exact]
      if (state.exact && state.count <= exactSamples) {
        state.exact.push(...samples)
        return
      }
      this.#leaveExact()
      for (const sample of samples) this.#addToBins(sample, 1)
    } else {
      this.#leaveExact()
      const common = Math.max(level, state.level)
      state.positive = mergeBins(
        collapseBins(state.positive, common - state.level),
        collapseBins(positive, common - level),
      )
      state.negative = mergeBins(
        collapseBins(state.negative, common - state.level),
        collapseBins(negative, common - level),
      )
      state.zeros += zeros
      state.level = common
    }
    this.#collapseIfNeeded()
  }

  /** The sample of nearest rank ⌈q · count⌉, q in [0, 1], within the relative accuracy; NaN when empty. */
  quantile(q: number): number {
    const state = this.#state
    if (state.count === 0) return Number.NaN
    // The subtracted trifle keeps 0.07 · 100 from becoming rank 8.
    const rank = Math.min(state.count, Math.max(1, Math.ceil(q * state.count * (1 - 1e-12))))
    if (state.exact) return state.exact.sort((a, b) => a - b)[rank - 1]!
    if (rank === 1) return state.min
    if (rank === state.count) return state.max
    return Math.min(state.max, Math.max(state.min, this.#sampleAt(rank)))
  }

  /** The compact form that travels in records; equal for equal samples. */
  toBytes(): Uint8Array {
    return writeSketch(this.#state)
  }

  #sampleAt(rank: number): number {
    const { negative, positive, zeros, level } = this.#state
    let seen = 0
    for (let i = negative.length - 1; i >= 0; i--) {
      seen += binCount(negative[i]!)
      if (seen >= rank) return -binValue(binIndex(negative[i]!), level)
    }
    seen += zeros
    if (seen >= rank) return 0
    for (const bin of positive) {
      seen += binCount(bin)
      if (seen >= rank) return binValue(binIndex(bin), level)
    }
    return this.#state.max
  }

  #leaveExact(): void {
    const { exact } = this.#state
    if (!exact) return
    this.#state.exact = undefined
    for (const sample of exact) this.#addToBins(sample, 1)
  }

  #addToBins(sample: number, weight: number): void {
    const state = this.#state
    if (sample === 0) {
      state.zeros += weight
      return
    }
    const index = Math.ceil(Math.log(sample > 0 ? sample : -sample) * perLog)
    const collapsed = state.level === 0 ? index : Math.ceil(index / 2 ** state.level)
    addToBin(sample > 0 ? state.positive : state.negative, collapsed, weight)
  }

  #collapseIfNeeded(): void {
    const state = this.#state
    while (state.positive.length + state.negative.length > maxBins) {
      state.positive = collapseBins(state.positive, 1)
      state.negative = collapseBins(state.negative, 1)
      state.level++
    }
  }
}

/** The value whose relative distance to both ends of its bin is the same: 2γ^i / (γ + 1). In logarithms, since γ^i may overflow where that does not. */
function binValue(index: number, level: number): number {
  const widened = logGamma * 2 ** level
  return Math.exp(index * widened + Math.log(2 / (Math.exp(widened) + 1)))
}

const emptyState = (): SketchState => ({
  exact: [],
  level: 0,
  positive: [],
  negative: [],
  zeros: 0,
  count: 0,
  min: Infinity,
  max: -Infinity,
})
