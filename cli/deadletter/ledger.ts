import { decodeCommitMetadata, encodeCommitMetadata } from '../../shared/stream/commit-metadata.ts'

/** Offsets in one entry of the notes: a bit each, a kibibyte. */
const chunkSize = 8_192
const chunkBytes = chunkSize / 8

/** An entry of the topic of notes: a key, and which offsets of its chunk are done, or null when all before its end are. */
interface LedgerNote {
  readonly key: string
  readonly value: Uint8Array | null
}

/**
 * Which dead letters of a partition have been re-driven: all before an offset, and behind it those whose bits are set. The offset
 * is the group's committed one, the bits stand in a compacted topic; both change in the very transaction that sends the records.
 */
export class Ledger {
  readonly #partition: number
  readonly #before: number
  /** By number, those that hold something. */
  readonly #chunks = new Map<number, Uint8Array>()
  readonly #changed = new Set<number>()
  #firstPending: number | undefined
  #next: number

  /** From what the group has committed last; nothing at first. */
  constructor(partition: number, committed?: { readonly offset: number; readonly metadata: string }) {
    this.#partition = partition
    this.#before = committed?.offset ?? 0
    this.#next = this.#before
    // Older versions kept ranges there, as far as they had room.
    const memo = decodeCommitMetadata(committed?.metadata ?? '')?.memo ?? ''
    for (const { start, end } of rangesOf(this.#before, memo))
      for (let offset = start; offset < end; offset++) this.#set(offset)
  }

  /**
   * Takes an entry of the notes, of whatever partition, in the order in which they were written: what is done stays done. Throws
   * RangeError when it is damaged.
   */
  restore(key: string, value: Uint8Array | null): void {
    const [partition, chunk = Number.NaN] = key.split('/').map(Number)
    if (value === null || partition !== this.#partition) return
    if (!Number.isSafeInteger(chunk) || value.length !== chunkBytes)
      throw new RangeError(`the note ${key} of what was sent again is damaged`)
    const bits = this.#bitsOf(chunk)
    for (let i = 0; i < chunkBytes; i++) bits[i]! |= value[i]!
  }

  has(offset: number): boolean {
    if (offset < this.#before) return true
    const bits = this.#chunks.get(Math.floor(offset / chunkSize))
    const at = offset % chunkSize
    return bits !== undefined && (bits[at >> 3]! & (1 << (at & 7))) !== 0
  }

  /** Takes note of the next letter, in order of offsets. */
  note(offset: number, redriven: boolean): void {
    if (offset >= this.#before) {
      if (redriven) this.#set(offset)
      else this.#firstPending ??= offset
    }
    this.#next = Math.max(this.#next, offset + 1)
  }

  /** What is to be committed: the group's offset, and the notes that have changed. They are then taken for committed. */
  commit(): { readonly offset: number; readonly metadata: string; readonly notes: readonly LedgerNote[] } {
    const offset = this.#firstPending ?? this.#next
    const notes: LedgerNote[] = []
    for (const [chunk, bits] of this.#chunks) {
      const isPast = (chunk + 1) * chunkSize <= offset
      if (!isPast && !this.#changed.has(chunk)) continue
      if (isPast) this.#chunks.delete(chunk)
      notes.push({ key: `${this.#partition}/${chunk}`, value: isPast ? null : Uint8Array.from(bits) })
    }
    this.#changed.clear()
    return { offset, metadata: encodeCommitMetadata({ emitted: offset, memo: '' }), notes }
  }

  #set(offset: number): void {
    const chunk = Math.floor(offset / chunkSize)
    const at = offset % chunkSize
    this.#bitsOf(chunk)[at >> 3]! |= 1 << (at & 7)
    this.#changed.add(chunk)
  }

  #bitsOf(chunk: number): Uint8Array {
    let bits = this.#chunks.get(chunk)
    if (!bits) {
      bits = new Uint8Array(chunkBytes)
      this.#chunks.set(chunk, bits)
    }
    return bits
  }
}

interface Range {
  readonly start: number
  /** Exclusive. */
  readonly end: number
}

/** Of `gap.length.gap.length…` in base 36, counted from `offset`. */
function rangesOf(offset: number, memo: string): readonly Range[] {
  const numbers = memo === '' ? [] : memo.split('.').map((text) => Number.parseInt(text, 36))
  const ranges: Range[] = []
  let at = offset
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    const start = at + numbers[i]!
    at = start + numbers[i + 1]!
    ranges.push({ start, end: at })
  }
  return ranges
}
