/** The attributes of one log event or span, gathered one by one; those beyond the limit are kept together. */
export class Attributes {
  readonly #limit: number
  readonly #record: Record<string, string> = {}
  #rest: Record<string, string> | undefined
  #size = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#size
  }

  has(name: string): boolean {
    // What an object has by birth is no string.
    return typeof this.#record[name] === 'string'
  }

  /** Both must be well-formed. Of a name that comes twice the last text counts. */
  set(name: string, text: string): void {
    if (this.#size++ < this.#limit) setOwn(this.#record, name, text)
    else {
      this.#rest ??= {}
      setOwn(this.#rest, name, text)
    }
  }

  /** Like `set`; a name that has come before has all its texts. */
  append(name: string, text: string): void {
    if (this.has(name)) setOwn(this.#record, name, `${this.#record[name]}, ${text}`)
    else this.set(name, text)
  }

  /** With what is beyond the limit as JSON in `overflow`. */
  record(): Readonly<Record<string, string>> {
    if (this.#rest) setOwn(this.#record, 'overflow', JSON.stringify(this.#rest))
    return this.#record
  }
}

/** Sets a property whatever its name. */
export function setOwn(object: Record<string, string>, name: string, text: string): void {
  // Assigned, it would be lost.
  if (name === '__proto__')
    Object.defineProperty(object, name, { value: text, enumerable: true, configurable: true, writable: true })
  else object[name] = text
}
