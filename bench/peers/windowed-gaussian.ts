/**
 * The simple detector that benchmarks compare with: how improbable a value is by the mean and standard deviation of the last
 * `size` values, as the Numenta Anomaly Benchmark has it.
 */
export class WindowedGaussian {
  readonly #values: Float64Array
  #count = 0
  #sum = 0
  #squares = 0

  constructor(size = 6_400) {
    this.#values = new Float64Array(size)
  }

  get bytes(): number {
    return this.#values.byteLength + 24
  }

  /** 1 less the chance of a value so far from the mean. */
  observe(value: number): number {
    const count = Math.min(this.#count, this.#values.length)
    const mean = this.#sum / count
    const deviation = Math.sqrt(Math.max(1e-12, this.#squares / count - mean * mean))
    const likelihood = count < 2 ? 0 : 1 - tailOf(Math.abs(value - mean) / deviation)
    const at = this.#count % this.#values.length
    const old = this.#values[at]!
    this.#values[at] = value
    this.#sum += value - old
    this.#squares += value * value - old * old
    this.#count++
    return likelihood
  }
}

/** Of the normal distribution, above so many standard deviations (Abramowitz and Stegun 1964, 26.2.17). */
function tailOf(deviations: number): number {
  const t = 1 / (1 + 0.2316419 * deviations)
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return 0.3989422804 * Math.exp((-deviations * deviations) / 2) * series
}
