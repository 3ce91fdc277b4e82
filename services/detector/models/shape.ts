import type { Cells, Layout } from './cells.ts'
import type { Model, ModelKind, Sample } from './series-model.ts'

/**
 * A stretch of a shape that was not seen before, though each value is usual. The series is written as letters, each the mean
 * of a few values in one of four ranges (SAX: Lin et al. 2007, "Experiencing SAX"), and a set remembers the words of
 * five letters (a Bloom filter: Bloom 1970). A new word surprises the more, the fewer of the last ones were new.
 */
export const shape: ModelKind = {
  name: 'shape',
  prior: { usual: 3, excess: 1.5 },
  warmUp: 1_024,
  every: 8,
  create: (layout) => new Shape(layout),
}

const letterValues = 8
const wordLetters = 5
const setWords = 64

class Shape implements Model {
  readonly #set: number
  /** The last letters, two bits each. */
  readonly #word: number
  readonly #sum: number
  readonly #count: number
  readonly #mean: number
  readonly #square: number
  /** Of the last words, how many were new. */
  readonly #newness: number
  /** Surprise of the last words together, in nats. */
  readonly #together: number

  constructor(layout: Layout) {
    this.#set = layout.words(setWords)
    this.#word = layout.words(1)
    this.#sum = layout.floats(1)
    this.#count = layout.floats(1)
    this.#mean = layout.floats(1)
    this.#square = layout.floats(1)
    this.#newness = layout.floats(1)
    this.#together = layout.floats(1)
  }

  judge({ floats }: Cells): number {
    return floats[this.#together]!
  }

  learn(cells: Cells, { level, count }: Sample): void {
    const { floats } = cells
    const share = Math.max(levelShare, 1 / (count + 1))
    const away = level - floats[this.#mean]!
    floats[this.#mean]! += share * away
    floats[this.#square]! += share * (away * away - floats[this.#square]!)
    floats[this.#sum]! += level
    floats[this.#count]! += 1
    if (floats[this.#count]! < letterValues) return
    this.#read(cells, floats[this.#sum]! / letterValues)
    floats[this.#sum] = 0
    floats[this.#count] = 0
  }

  #read({ floats, words }: Cells, value: number): void {
    const far = (value - floats[this.#mean]!) / Math.sqrt(floats[this.#square]! + 1e-9)
    const letter = far < -quarter ? 0 : far < 0 ? 1 : far < quarter ? 2 : 3
    const word = ((words[this.#word]! << 2) | letter) & (4 ** wordLetters - 1)
    words[this.#word] = word
    const bit = Math.imul(word + 1, 0x9e3779b1) >>> 21
    const at = this.#set + (bit >>> 5)
    const mask = 1 << (bit & 31)
    const isNew = (words[at]! & mask) === 0
    words[at]! |= mask
    const newness = floats[this.#newness]!
    const surprise = isNew ? -Math.log(Math.max(newness, leastNewness)) - 1 : -1
    floats[this.#together] = Math.max(0, floats[this.#together]! + surprise)
    floats[this.#newness] = newness + ((isNew ? 1 : 0) - newness) / 64
  }

  kindOf() {
    return 'shape' as const
  }
}

const levelShare = 1 / 1_024
/** Half of a normal distribution lies within this many standard deviations. */
const quarter = 0.6745
const leastNewness = 1 / 512
