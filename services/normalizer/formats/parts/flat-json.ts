import { BadRecordError } from '../../../../shared/errors.ts'
import type { Fields } from '../../../../shared/logs/fields.ts'
import { Attributes } from './attributes.ts'

const maxDepth = 20

/** Of a dotted name, in characters: each field below a long name has it in its own. */
const maxNameLength = 4_096

/** Of all names of an event together, in characters. */
const maxNamesLength = 1_000_000

/** Names that are kept at hand; a stranger who never sends the same one twice must not fill the memory. */
const maxKnownNames = 10_000

/** The name of an attribute, and where the event that is being read has it. */
interface Key {
  readonly text: string
  /** The number of the last event that had it. */
  event: number
  /** Its place there. */
  place: number
}

/** A field's dotted name, by the keys that lead to it. */
interface Name {
  readonly text: string
  /** Where the text of a field that the format asks for is put; -1 for others. */
  readonly slot: number
  /** Whether it is an attribute even when the format has put it into a place of its own. */
  readonly isKept: boolean
  /** The attribute of its own name. */
  readonly key: Key
  /** The attribute that it becomes, where it is another. */
  readonly renamed: Key | undefined
  readonly below: Map<string, Name>
}

interface FlatJsonOptions {
  /** Fields that the format asks for by their number in this list. */
  readonly wanted: readonly string[]
  /** Of the wanted ones, those that are attributes all the same. */
  readonly kept: readonly string[]
  /** Fields that become attributes of other names. */
  readonly renamed: ReadonlyMap<string, string>
  readonly maxAttributes: number
}

/**
 * The fields of a JSON object under dotted names, as text: nested objects are opened up, lists stay JSON. One object
 * serves event after event, and remembers the names: to put them together again costs more than the rest.
 */
export class FlatJson {
  readonly #options: FlatJsonOptions
  readonly #root: Name = {
    text: '',
    slot: -1,
    isKept: true,
    key: { text: '', event: 0, place: 0 },
    renamed: undefined,
    below: new Map(),
  }
  readonly #slots: (string | undefined)[]
  readonly #isTaken: boolean[]
  readonly #names: Name[] = []
  readonly #texts: string[] = []
  #knownNames = 0
  #namesLength = 0
  readonly #keys = new Map<string, Key>()
  /** Counts events from 1. */
  #event = 0
  /** Whether the event has names that are not at hand: then of two keys one may be the other. */
  #hasStrangers = false
  /** The names of the attributes of the event before: most have the same ones. */
  #lastNames: readonly string[] = []

  constructor(options: FlatJsonOptions) {
    this.#options = options
    this.#slots = options.wanted.map(() => undefined)
    this.#isTaken = options.wanted.map(() => false)
  }

  /** Takes another event's place. Throws BadRecordError when it is nested too deep. */
  read(event: Readonly<Record<string, unknown>>): void {
    for (const { slot } of this.#names) {
      if (slot < 0) continue
      this.#slots[slot] = undefined
      this.#isTaken[slot] = false
    }
    this.#names.length = 0
    this.#texts.length = 0
    this.#namesLength = 0
    this.#hasStrangers = false
    this.#event++
    this.#open(event, this.#root, 0)
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
    if (this.#hasStrangers || this.#names.length > this.#options.maxAttributes) return this.#limited()
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

  #limited(): Fields {
    const attributes = new Attributes(this.#options.maxAttributes)
    for (const [i, name] of this.#names.entries()) {
      if (this.#isElsewhere(name)) continue
      const { renamed, key } = name
      const isFree = renamed && !attributes.has(renamed.text)
      attributes.set(isFree ? renamed.text : key.text, this.#texts[i]!)
    }
    return attributes.fields()
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
      const name = at.below.get(key) ?? this.#name(at, key)
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

  #name(at: Name, key: string): Name {
    const { wanted, kept, renamed } = this.#options
    if (at.text.length + key.length >= maxNameLength)
      throw new BadRecordError(
        'name_too_long',
        `the name of a field is longer than ${maxNameLength} characters: “${(at.text || key).slice(0, 40)}…”`,
      )
    const text = (at === this.#root ? key : `${at.text}.${key}`).toWellFormed()
    const slot = wanted.indexOf(text)
    const other = renamed.get(text)
    const name = {
      text,
      slot,
      isKept: slot < 0 || kept.includes(text),
      key: this.#key(text),
      renamed: other === undefined || other === text ? undefined : this.#key(other),
      below: new Map(),
    }
    if (this.#knownNames < maxKnownNames) {
      this.#knownNames++
      at.below.set(key, name)
    } else this.#hasStrangers = true
    return name
  }

  #key(text: string): Key {
    let key = this.#keys.get(text)
    if (!key) {
      key = { text, event: 0, place: 0 }
      if (this.#knownNames < maxKnownNames) this.#keys.set(text, key)
    }
    return key
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value !== 'object') return String(value)
  try {
    return JSON.stringify(value).toWellFormed()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new BadRecordError('too_deep', 'a list in the event is nested too deep')
  }
}
