/**
 * Keeps things by key in bounded memory: two generations, the older of which is dropped when the younger is full. What
 * is used again moves to the younger, so what is in use stays.
 */
export class GenerationalCache<K, T> {
  readonly #size: number
  #young = new Map<K, T>()
  #old = new Map<K, T>()

  constructor(size: number) {
    this.#size = Math.max(1, Math.floor(size / 2))
  }

  get(key: K): T | undefined {
    const found = this.#young.get(key)
    if (found !== undefined) return found
    const older = this.#old.get(key)
    if (older !== undefined) this.set(key, older)
    return older
  }

  set(key: K, value: T): void {
    if (this.#young.size >= this.#size) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }
}
