import { RE2JS, RE2JSException } from 're2js'
import { expandGrok } from './grok.ts'

/** A piece of a text: where it begins and what ends it. */
export type Piece = readonly [from: number, to: number]

/** Steps a pattern may take for each character, roughly. */
const maxProgram = 5_000

/** Pieces that are told one by one; a text that has more is not searched on. */
const maxPieces = 100

/**
 * A regular expression that a person has written, with grok's %{NAME} in it. It takes time in proportion to the text
 * whatever it says, as RE2 does: JavaScript's own engine would let one unlucky expression stall a worker for ever.
 */
export class TextPattern {
  readonly #program: RE2JS
  readonly #fields: readonly (readonly [field: string, group: number])[]

  /** Throws SyntaxError with a clause about what is wrong. */
  constructor(pattern: string) {
    const { source, fields } = expandGrok(pattern)
    this.#program = compiled(source)
    if (this.#program.programSize() > maxProgram)
      throw new SyntaxError('it is too large: use fewer or smaller repetitions')
    this.#fields = Object.entries(this.#program.namedGroups()).map(([name, group]) => [
      fields.get(name) ?? name,
      group,
    ])
  }

  /** Names of what `fieldsOf` may find. */
  get fields(): readonly string[] {
    return this.#fields.map(([field]) => field)
  }

  isIn(text: string): boolean {
    return this.#program.test(text)
  }

  /** What the named groups hold at the first place that matches, empty ones left out, or undefined if there is none. */
  fieldsOf(text: string): Readonly<Record<string, string>> | undefined {
    // Whether there is a match is told many times faster than where it is.
    if (!this.#program.test(text)) return undefined
    const matcher = this.#program.matcher(text)
    if (!matcher.find()) return undefined
    const found = this.#fields.map(([field, group]) => [field, matcher.group(group)] as const)
    // Own properties whatever they are called.
    return Object.fromEntries(found.filter((one): one is [string, string] => Boolean(one[1])))
  }

  /**
   * All pieces that match, from left to right, without those of no length. Each search takes time in proportion to the
   * text, so their number has a limit: the last of so many reaches to the end of the text.
   */
  piecesOf(text: string): readonly Piece[] {
    if (!this.#program.test(text)) return []
    const pieces: Piece[] = []
    const matcher = this.#program.matcher(text)
    for (let searches = 1; matcher.find(); searches++) {
      if (searches === maxPieces) return [...pieces, [matcher.start(), text.length]]
      if (matcher.end() > matcher.start()) pieces.push([matcher.start(), matcher.end()])
    }
    return pieces
  }
}

function compiled(source: string): RE2JS {
  try {
    return RE2JS.compile(source)
  } catch (error) {
    if (error instanceof RE2JSException)
      throw new SyntaxError(error.message.replace(/^error parsing regexp: /, ''), { cause: error })
    throw error
  }
}
