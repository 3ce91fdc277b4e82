import { SketchStore } from './sketch-store.ts'

// A store of its own would cost each sketch a page of 64 KB. A place is given back when its sketch has been collected.
const store = new SketchStore()
const collected = new FinalizationRegistry<number>((handle) => store.free(handle))

/** One sketch alone, as an object. Where there are many, a SketchStore holds them in less memory. */
export class QuantileSketch {
  readonly #handle = store.create()

  constructor() {
    collected.register(this, this.#handle)
  }

  /** Throws RangeError for malformed bytes. */
  static fromBytes(bytes: Uint8Array): QuantileSketch {
    const sketch = new QuantileSketch()
    store.mergeBytes(sketch.#handle, bytes)
    return sketch
  }

  get count(): number {
    return store.count(this.#handle)
  }

  /** The double nearest to the exact sum; infinite when that is beyond the largest double. 0 when empty. */
  get sum(): number {
    return store.sum(this.#handle)
  }

  /** NaN when empty. */
  get min(): number {
    return store.min(this.#handle)
  }

  /** NaN when empty. */
  get max(): number {
    return store.max(this.#handle)
  }

  /** Takes a sample, `weight` times. Throws RangeError when it is not finite, or the weight no integer from 1 on. */
  add(value: number, weight = 1): void {
    store.addWeighted(this.#handle, value, weight)
  }

  /** Takes all samples of another sketch, which stays as it is. */
  merge(other: QuantileSketch): void {
    store.merge(this.#handle, other.#handle)
  }

  /** The sample of nearest rank ⌈q · count⌉, q in [0, 1], within the relative accuracy; NaN when empty. */
  quantile(q: number): number {
    return store.quantile(this.#handle, q)
  }

  /** The compact form that travels in records; equal for equal samples. */
  toBytes(): Uint8Array {
    return store.toBytes(this.#handle)
  }
}
