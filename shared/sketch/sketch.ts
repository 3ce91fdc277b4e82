import { SketchStore } from './sketch-store.ts'

/** One sketch alone; where there are many, a SketchStore holds them in less memory. */
export class QuantileSketch {
  readonly #store = new SketchStore()
  readonly #handle = this.#store.create()

  /** Throws RangeError for malformed bytes. */
  static fromBytes(bytes: Uint8Array): QuantileSketch {
    const sketch = new QuantileSketch()
    sketch.#store.mergeBytes(sketch.#handle, bytes)
    return sketch
  }

  get count(): number {
    return this.#store.count(this.#handle)
  }

  /** The double nearest to the exact sum; infinite when that is beyond the largest double. 0 when empty. */
  get sum(): number {
    return this.#store.sum(this.#handle)
  }

  /** NaN when empty. */
  get min(): number {
    return this.#store.min(this.#handle)
  }

  /** NaN when empty. */
  get max(): number {
    return this.#store.max(this.#handle)
  }

  /** Takes a sample, `weight` times. Throws RangeError when it is not finite, or the weight no integer from 1 on. */
  add(value: number, weight = 1): void {
    this.#store.addWeighted(this.#handle, value, weight)
  }

  /** Takes all samples of another sketch, which stays as it is. */
  merge(other: QuantileSketch): void {
    this.#store.mergeFrom(this.#handle, other.#store, other.#handle)
  }

  /** The sample of nearest rank ⌈q · count⌉, q in [0, 1], within the relative accuracy; NaN when empty. */
  quantile(q: number): number {
    return this.#store.quantile(this.#handle, q)
  }

  /** The compact form that travels in records; equal for equal samples. */
  toBytes(): Uint8Array {
    return this.#store.toBytes(this.#handle)
  }
}
