import { BadRecordError } from '../../../../shared/errors.ts'
import type { Fields } from '../../../../shared/logs/fields.ts'
import { Attributes } from './attributes.ts'
import { FieldNames, type Name, type NameOptions } from './field-names.ts'
import { JsonScanner } from './json-scanner.ts'
import { maxDepth, textOf } from './json-value.ts'

/** Of all names of an event together, in characters. */
const maxNamesLength = 1_000_000

interface FlatJsonOptions extends NameOptions {
  readonly maxAttributes: number
}

/**
 * The fields of a JSON object under dotted names, as text: nested objects are opened up, lists stay JSON. One object
 * serves event after event, and remembers the names.
 */
export class FlatJson {
  readonly #fieldNames: FieldNames
  readonly #scanner: JsonScanner
  readonly #maxAttributes: number
  readonly #slots: (string | undefined)[]
  readonly #isTaken: boolean[]
  readonly #names: Name[] = []
  readonly #texts: string[] = []
  #namesLength = 0
  /** Counts events from 1. */
  #event = 0
  /** Names that were not remembered, before this event. */
  #strangersBefore = 0
  /** The names of the attributes of the event before: most have the same ones. */
  #lastNames: readonly string[] = []

  constructor(options: FlatJsonOptions) {
    this.#fieldNames = new FieldNames(options)
    this.#scanner = new JsonScanner(this.#fieldNames, (name, text) => this.#add(name, text))
    this.#maxAttributes = options.maxAttributes
    this.#slots = options.wanted.map(() => undefined)
    this.#isTaken = options.wanted.map(() => false)
  }

  /** Takes another event's place. Throws BadRecordError when it is nested too deep. */
  read(event: Readonly<Record<string, unknown>>): void {
    this.#begin()
    this.#open(event, this.#fieldNames.root, 0)
  }

  /**
   * Takes another event's place, of which these are the bytes, valid UTF-8; the same as what JSON.parse makes of them, but
   * without making it. False when only JSON.parse can tell: then the event is to be read.
   */
  scan(bytes: Buffer): boolean {
    this.#begin()
    return this.#scanner.scan(bytes, this.#event)
  }

  /** Whether the event that was scanned has this key, whatever its value. */
  has(key: string): boolean {
    return this.#fieldNames.root.below.get(key)?.event === this.#event
  }

  /** Takes the first of these wanted fields that has any text; it is no attribute then, unless it is kept. */
  take(slots: readonly number[]): string | undefined {
    for (const slot of slots) {
      const text = this.#slots[slot]
      if (!text) continue
      this.#isTaken[slot] = true
      return text
    }
    return undefined
  }

  /** What was not taken; what is beyond the limit is one attribute, as JSON. */
  attributes(): Fields {
    const hasStrangers = this.#fieldNames.strangers !== this.#strangersBefore
    if (hasStrangers || this.#names.length > this.#maxAttributes) return this.#limited()
    const last = this.#lastNames
    // The same list while nothing else comes.
    let names: string[] | undefined
    const texts: string[] = []
    for (let i = 0; i < this.#names.length; i++) {
      const name = this.#names[i]!
      if (this.#isElsewhere(name)) continue
      const { renamed } = name
      // Two fields may be renamed to the same.
      const key = renamed && renamed.event !== this.#event ? renamed : name.key
      if (key.event === this.#event) texts[key.place] = this.#texts[i]!
      else {
        key.event = this.#event
        key.place = texts.length
        if (!names && last[texts.length] !== key.text) names = last.slice(0, texts.length)
        names?.push(key.text)
        texts.push(this.#texts[i]!)
      }
    }
    if (!names && texts.length < last.length) names = last.slice(0, texts.length)
    this.#lastNames = names ?? last
    return { names: this.#lastNames, texts }
  }

  /** For what happens seldom: names that are not remembered, and more attributes than may be. */
  #limited(): Fields {
    const attributes = new Attributes(this.#maxAttributes)
    for (const [i, name] of this.#names.entries()) {
      if (this.#isElsewhere(name)) continue
      const { renamed, key } = name
      const isFree = renamed && !attributes.has(renamed.text)
      attributes.set(isFree ? renamed.text : key.text, this.#texts[i]!)
    }
    return attributes.fields()
  }

  #begin(): void {
    for (let i = 0; i < this.#names.length; i++) {
      const { slot } = this.#names[i]!
      if (slot < 0) continue
      this.#slots[slot] = undefined
      this.#isTaken[slot] = false
    }
    this.#names.length = 0
    this.#texts.length = 0
    this.#namesLength = 0
    this.#strangersBefore = this.#fieldNames.strangers
    this.#event++
  }

  /** Whether it has a place outside of the attributes. */
  #isElsewhere({ slot, isKept }: Name): boolean {
    return slot >= 0 && !isKept && this.#isTaken[slot]!
  }

  #open(object: Readonly<Record<string, unknown>>, at: Name, depth: number): void {
    if (depth > maxDepth)
      throw new BadRecordError('too_deep', `the event is nested deeper than ${maxDepth} levels`)
    for (const key in object) {
      const value = object[key]
      if (value === null || value === undefined) continue
      const name = this.#fieldNames.below(at, key)
      if (typeof value === 'object' && !Array.isArray(value))
        this.#open(value as Readonly<Record<string, unknown>>, name, depth + 1)
      else this.#add(name, textOf(value))
    }
  }

  #add(name: Name, text: string): void {
    if (text === '' && !name.isKept) return
    this.#namesLength += name.text.length
    if (this.#namesLength > maxNamesLength)
      throw new BadRecordError(
        'too_large',
        `the names of the event's fields are longer than ${maxNamesLength} characters together`,
      )
    if (name.slot >= 0) this.#slots[name.slot] = text
    this.#names.push(name)
    this.#texts.push(text)
  }
}
