import { BadRecordError } from '../../../shared/errors.ts'

const maxDepth = 20

/** Names that are kept at hand; a stranger who never sends the same one twice must not fill the memory. */
const maxKnownNames = 10_000

/** A field's dotted name, by the keys that lead to it. */
interface Name {
  readonly text: string
  /** Where the text of a field that the format asks for is put; -1 for others. */
  readonly slot: number
  /** The attribute that the field becomes; undefined when the event has a place of its own for it. */
  readonly attribute: string | undefined
  readonly below: Map<string, Name>
}

export interface FlatJsonOptions {
  /** Fields that the format asks for by their number in this list. */
  readonly wanted: readonly string[]
  /** Of the wanted ones, those that are no attributes. */
  readonly consumed: ReadonlySet<string>
  /** Fields that become attributes of other names. */
  readonly renamed?: ReadonlyMap<string, string>
  readonly maxAttributes: number
}

/**
 * The fields of a JSON object under dotted names, as text: nested objects are opened up, lists stay JSON. One object
 * serves event after event, and remembers the names: to put them together again costs more than the rest.
 */
export class FlatJson {
  readonly #options: FlatJsonOptions
  readonly #root: Name = { text: '', slot: -1, attribute: undefined, below: new Map() }
  readonly #slots: (string | undefined)[]
  readonly #names: string[] = []
  readonly #texts: string[] = []
  #knownNames = 0

  constructor(options: FlatJsonOptions) {
    this.#options = options
    this.#slots = options.wanted.map(() => undefined)
  }

  /** Takes another event's place. Throws BadRecordError when it is nested too deep. */
  read(event: Readonly<Record<string, unknown>>): void {
    this.#slots.fill(undefined)
    this.#names.length = 0
    this.#texts.length = 0
    this.#open(event, this.#root, 0)
  }

  /** The text of a wanted field. */
  text(slot: number): string | undefined {
    return this.#slots[slot]
  }

  /** The first of these wanted fields that has any text. */
  first(slots: readonly number[]): string | undefined {
    for (const slot of slots) {
      const text = this.#slots[slot]
      if (text) return text
    }
    return undefined
  }

  /** What is beyond the limit is one attribute, as JSON. */
  attributes(): Readonly<Record<string, string>> {
    return attributesOf(this.#names, this.#texts, this.#options.maxAttributes)
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
      else this.#take(name, textOf(value))
    }
  }

  #take({ slot, attribute }: Name, text: string): void {
    if (slot >= 0) this.#slots[slot] = text
    if (attribute === undefined) return
    this.#names.push(attribute)
    this.#texts.push(text)
  }

  #name(at: Name, key: string): Name {
    const { wanted, consumed, renamed } = this.#options
    const text = (at.text === '' ? key : `${at.text}.${key}`).toWellFormed()
    const name = {
      text,
      slot: wanted.indexOf(text),
      attribute: consumed.has(text) ? undefined : (renamed?.get(text) ?? text),
      below: new Map(),
    }
    if (this.#knownNames++ < maxKnownNames) at.below.set(key, name)
    return name
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

/** Names with their texts, the last of each name; those beyond the limit together in `overflow`. */
export function attributesOf(
  names: readonly string[],
  texts: readonly string[],
  limit: number,
): Readonly<Record<string, string>> {
  const attributes: Record<string, string> = {}
  const count = Math.min(names.length, limit)
  for (let i = 0; i < count; i++) setOwn(attributes, names[i]!, texts[i]!)
  if (names.length > limit) {
    const rest: Record<string, string> = {}
    for (let i = limit; i < names.length; i++) setOwn(rest, names[i]!, texts[i]!)
    setOwn(attributes, 'overflow', JSON.stringify(rest))
  }
  return attributes
}

function setOwn(object: Record<string, string>, name: string, text: string): void {
  // Assigned, it would be lost.
  if (name === '__proto__') Object.defineProperty(object, name, { value: text, enumerable: true })
  else object[name] = text
}
