/** Blocks are counted in lines of 64 bytes, which is also what a processor fetches at once. */
export const lineBytes = 64
export const lineWords = lineBytes / 4

/** The lines of a page as a power of two. */
const pageBits = 10
const pageLines = 1 << pageBits
const arenaLines = 2 ** 16

const noAddress = 2 ** 32 - 1

/** The same memory, as numbers of four sizes. */
export interface Arena {
  readonly bytes: Uint8Array
  readonly halves: Uint16Array
  readonly words: Uint32Array
  readonly doubles: Float64Array
}

/** All blocks of one size, without gaps between them. */
interface Pool {
  readonly pages: number[]
  blocks: number
}

/**
 * Memory for millions of small blocks of varying size in few large arrays, which are all that the garbage collector
 * sees. Blocks are known by handle and may be moved: when one goes, the last one of its size fills the gap, so none is
 * ever left, however blocks come, grow and go.
 *
 * `addresses[handle]` says where the block is: the upper half says the arena, the lower half the first line in it. Its
 * first word is the slab's. `create`, `resize` and `free` may move any block and replace arenas and addresses.
 */
export class Slab {
  readonly arenas: Arena[] = []
  addresses = new Uint32Array(16)
  #handles = 0
  readonly #freed: number[] = []
  /** By the number of lines of their blocks. */
  readonly #pools: Pool[] = []
  /** By page: the number of lines of its blocks. */
  readonly #linesOfPage: number[] = []
  readonly #emptyPages: number[] = []

  /** The number of blocks. */
  get size(): number {
    return this.#handles - this.#freed.length
  }

  /** Memory held, in bytes. */
  get bytes(): number {
    const arenas = this.arenas.reduce((sum, { bytes }) => sum + bytes.length, 0)
    return arenas + this.addresses.byteLength + 8 * this.#freed.length
  }

  /** A new block, with arbitrary content. */
  create(lines: number): number {
    const handle = this.#freed.pop() ?? this.#addHandle()
    this.#put(handle, this.#allocate(lines))
    return handle
  }

  /** A new block with the content of another one. */
  copy(handle: number): number {
    const lines = this.linesOf(handle)
    const copy = this.create(lines)
    this.#copy(this.addresses[handle]!, this.addresses[copy]!, lines)
    this.#put(copy, this.addresses[copy]!)
    return copy
  }

  free(handle: number): void {
    const address = this.addresses[handle]!
    this.addresses[handle] = noAddress
    this.#freed.push(handle)
    this.#release(address)
  }

  /** Gives a block another size, and keeps as much of its content as that holds. */
  resize(handle: number, lines: number): void {
    const from = this.addresses[handle]!
    const held = this.linesOf(handle)
    if (lines === held) return
    const to = this.#allocate(lines)
    this.#copy(from, to, Math.min(held, lines))
    this.#put(handle, to)
    this.#release(from)
  }

  linesOf(handle: number): number {
    return this.#linesOfPage[this.addresses[handle]! >>> pageBits]!
  }

  #addHandle(): number {
    const handle = this.#handles++
    if (handle === this.addresses.length) {
      const larger = new Uint32Array(handle * 2)
      larger.set(this.addresses)
      this.addresses = larger
    }
    return handle
  }

  #put(handle: number, address: number): void {
    this.addresses[handle] = address
    this.arenas[address >>> 16]!.words[(address & 0xffff) * lineWords] = handle
  }

  #allocate(lines: number): number {
    this.#pools[lines] ??= { pages: [], blocks: 0 }
    const pool = this.#pools[lines]!
    if (pool.blocks === pool.pages.length * blocksPerPage(lines)) {
      const page = this.#emptyPages.pop() ?? this.#addPage()
      this.#linesOfPage[page] = lines
      pool.pages.push(page)
    }
    return addressOf(pool, pool.blocks++, lines)
  }

  #release(address: number): void {
    const lines = this.#linesOfPage[address >>> pageBits]!
    const pool = this.#pools[lines]!
    const last = addressOf(pool, --pool.blocks, lines)
    if (last !== address) {
      this.#copy(last, address, lines)
      this.#put(this.arenas[last >>> 16]!.words[(last & 0xffff) * lineWords]!, address)
    }
    if (pool.blocks === (pool.pages.length - 1) * blocksPerPage(lines))
      this.#emptyPages.push(pool.pages.pop()!)
  }

  #copy(from: number, to: number, lines: number): void {
    const source = this.arenas[from >>> 16]!.words
    const target = this.arenas[to >>> 16]!.words
    const sourceAt = (from & 0xffff) * lineWords
    const targetAt = (to & 0xffff) * lineWords
    for (let i = 0; i < lines * lineWords; i++) target[targetAt + i] = source[sourceAt + i]!
  }

  #addPage(): number {
    const page = this.#linesOfPage.length
    const arena = page >>> (16 - pageBits)
    const held = this.arenas[arena]
    const lines = held ? held.bytes.length / lineBytes : 0
    // The first arena doubles until it is a whole one, so that a small store stays small.
    if (((page << pageBits) & 0xffff) >= lines) {
      const larger = arena > 0 ? arenaLines : Math.max(pageLines, 2 * lines)
      this.arenas[arena] = arenaOf(larger, held)
    }
    this.#linesOfPage.push(0)
    return page
  }
}

const blocksPerPage = (lines: number) => Math.floor(pageLines / lines)

function addressOf({ pages }: Pool, block: number, lines: number): number {
  const perPage = blocksPerPage(lines)
  const page = Math.floor(block / perPage)
  return pages[page]! * pageLines + (block - page * perPage) * lines
}

function arenaOf(lines: number, held: Arena | undefined): Arena {
  const bytes = new Uint8Array(lines * lineBytes)
  if (held) bytes.set(held.bytes)
  return {
    bytes,
    halves: new Uint16Array(bytes.buffer),
    words: new Uint32Array(bytes.buffer),
    doubles: new Float64Array(bytes.buffer),
  }
}

/** The lines of a block for so many bytes: any number up to 16, above in eight steps from one power of two to the next. */
export function blockLines(bytes: number): number {
  const lines = Math.ceil(bytes / lineBytes)
  if (lines <= 16) return lines
  const step = 2 ** (28 - Math.clz32(lines - 1))
  return Math.ceil(lines / step) * step
}
