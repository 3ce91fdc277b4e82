/** Blocks are counted in lines of 64 bytes, which is also what a processor fetches at once. */
export const lineWords = 16

const pageLines = 1024
/** An address is a line: its upper half says the arena, its lower half the line within it. */
const arenaPages = 2 ** 16 / pageLines

const none = -1

/** 64 KB that hold blocks of one size. Goes back to all sizes when its last block is released. */
interface Page {
  readonly start: number
  lines: number
  blocks: number
  /** Lines that have ever been given out; those released meanwhile are chained through their first word. */
  used: number
  released: number
  next: Page | undefined
  previous: Page | undefined
}

/**
 * Memory for millions of small blocks of varying size, in few large arrays: the garbage collector sees those only. A
 * block of n lines at `address` is words[address >>> 16] from (address & 0xffff) * lineWords on. `allocate` may replace
 * the arrays: don't hold them across it.
 */
export class Slab {
  readonly words: Uint32Array[] = []
  readonly doubles: Float64Array[] = []
  readonly #pages: Page[] = []
  readonly #emptyPages: Page[] = []
  /** By size: pages with room. */
  readonly #open: (Page | undefined)[] = Array(pageLines + 1).fill(undefined)

  /** Held, in bytes; what was released stays held. */
  get bytes(): number {
    return this.words.reduce((sum, words) => sum + words.byteLength, 0)
  }

  /** `lines` as rounded by `blockLines`. The block's content is arbitrary. */
  allocate(lines: number): number {
    const page = this.#open[lines] ?? this.#openPage(lines)
    let address = page.released
    if (address === none) {
      address = page.start + page.used
      page.used += lines
    } else {
      page.released = this.words[address >>> 16]![(address & 0xffff) * lineWords]! | 0
    }
    page.blocks++
    if (isFull(page)) this.#close(page)
    return address
  }

  release(address: number): void {
    const page = this.#pages[Math.floor(address / pageLines)]!
    const wasFull = isFull(page)
    this.words[address >>> 16]![(address & 0xffff) * lineWords] = page.released
    page.released = address
    page.blocks--
    if (page.blocks === 0) {
      if (!wasFull) this.#close(page)
      this.#emptyPages.push(page)
    } else if (wasFull) {
      this.#link(page)
    }
  }

  #openPage(lines: number): Page {
    const page = this.#emptyPages.pop() ?? this.#addPage()
    page.lines = lines
    page.used = 0
    page.released = none
    this.#link(page)
    return page
  }

  #addPage(): Page {
    const count = this.#pages.length
    if (count === this.words.reduce((sum, words) => sum + words.length, 0) / (pageLines * lineWords))
      this.#grow()
    const page: Page = {
      start: count * pageLines,
      lines: 0,
      blocks: 0,
      used: 0,
      released: none,
      next: undefined,
      previous: undefined,
    }
    this.#pages.push(page)
    return page
  }

  /** A small store has a small arena, which doubles until it is a whole one; then comes the next. */
  #grow(): void {
    const last = this.words.at(-1)
    const whole = arenaPages * pageLines * lineWords
    const isWhole = !last || last.length === whole
    const arena = this.words.length - (isWhole ? 0 : 1)
    const length = !last ? pageLines * lineWords : isWhole ? whole : last.length * 2
    const words = new Uint32Array(length)
    if (last && !isWhole) words.set(last)
    this.words[arena] = words
    this.doubles[arena] = new Float64Array(words.buffer)
  }

  #link(page: Page): void {
    const head = this.#open[page.lines]
    page.previous = undefined
    page.next = head
    if (head) head.previous = page
    this.#open[page.lines] = page
  }

  #close(page: Page): void {
    if (page.previous) page.previous.next = page.next
    else this.#open[page.lines] = page.next
    if (page.next) page.next.previous = page.previous
  }
}

const isFull = (page: Page) => page.released === none && page.used + page.lines > pageLines

/** The lines of a block that has room for so many words: any number up to 16, above in eight steps from one power of two to the next. */
export function blockLines(words: number): number {
  const lines = Math.ceil(words / lineWords)
  if (lines <= 16) return lines
  const step = 2 ** (28 - Math.clz32(lines - 1))
  return Math.ceil(lines / step) * step
}
