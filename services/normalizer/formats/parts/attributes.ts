import { type Fields, recordOf } from '../../../../shared/logs/fields.ts'

/** With more names than this, one is looked for in a map. */
const maxScanned = 16

/** The attributes of one log event or span, gathered one by one; those beyond the limit are kept together. */
export class Attributes {
  readonly #limit: number
  readonly #names: string[] = []
  readonly #texts: string[] = []
  #places: Map<string, number> | undefined
  #rest: Map<string, string> | undefined
  #size = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#size
  }

  has(name: string): boolean {
    return this.#placeOf(name) >= 0
  }

  /** Both must be well-formed. Of a name that comes twice the last text counts. */
  set(name: string, text: string): void {
    if (this.#size++ < this.#limit) this.#put(name, text)
    else {
      this.#rest ??= new Map()
      this.#rest.set(name, text)
    }
  }

  /** Like `set`; a name that has come before has all its texts. */
  append(name: string, text: string): void {
    const at = this.#placeOf(name)
    if (at < 0) this.set(name, text)
    else this.#texts[at] = `${this.#texts[at]}, ${text}`
  }

  /** With what is beyond the limit as JSON in `overflow`. */
  fields(): Fields {
    if (this.#rest) this.#put('overflow', JSON.stringify(Object.fromEntries(this.#rest)))
    return { names: this.#names, texts: this.#texts }
  }

  /** The same as an object. */
  record(): Readonly<Record<string, string>> {
    return recordOf(this.fields())
  }

  #put(name: string, text: string): void {
    const at = this.#placeOf(name)
    if (at >= 0) {
      this.#texts[at] = text
      return
    }
    this.#places?.set(name, this.#names.length)
    this.#names.push(name)
    this.#texts.push(text)
  }

  #placeOf(name: string): number {
    if (this.#names.length <= maxScanned) return this.#names.indexOf(name)
    this.#places ??= new Map(this.#names.map((one, at) => [one, at]))
    return this.#places.get(name) ?? -1
  }
}
