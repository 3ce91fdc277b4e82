import { GenerationalCache } from '../../../../shared/series/generational-cache.ts'
import { startsWith } from '../influx/heads.ts'

/** What was made of some bytes, and keeps a copy of them. */
export interface Known {
  readonly bytes: Buffer
}

/** Finds what was made of the same bytes before, by their hash, without making a string. */
export class ByteCache<T extends Known> {
  /** Two of the same hash push each other out: slow, but never wrong. */
  readonly #known: GenerationalCache<number, T>

  constructor(size: number) {
    this.#known = new GenerationalCache(size)
  }

  /** What was made of bytes [from, to), of which `hash` is the hash. */
  get(bytes: Buffer, from: number, to: number, hash: number): T | undefined {
    const known = this.#known.get(hash)
    return known && known.bytes.length === to - from && startsWith(bytes, from, known.bytes)
      ? known
      : undefined
  }

  set(hash: number, made: T): void {
    this.#known.set(hash, made)
  }
}
