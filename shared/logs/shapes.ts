import { VarintColumn } from '../avro/varint-column.ts'
import { type TextPlace, textPlaces } from './text-references.ts'

/** Attributes that come together, in an order. */
interface Shape {
  readonly number: number
  readonly places: readonly TextPlace[]
}

/** Names that begin a list of attributes, and what may follow. */
interface Beginning {
  shape: Shape | undefined
  readonly next: Map<string, Beginning>
}

const beginning = (): Beginning => ({ shape: undefined, next: new Map() })

/** The lists of attributes that the events of a batch have, each written once. */
export class Shapes {
  readonly #numbers = new Map<string, number>()
  readonly #shapes = new VarintColumn()
  readonly #nothing = beginning()
  #count = 0
  #lastNames: readonly string[] | undefined
  #last: Shape | undefined

  /** All names, each once. */
  get names(): readonly string[] {
    return [...this.#numbers.keys()]
  }

  get shapes(): Buffer {
    return this.#shapes.bytes
  }

  of(names: readonly string[]): Shape {
    // A format gives events of the same attributes the same list.
    if (this.#last && names === this.#lastNames) return this.#last
    let at = this.#nothing
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!
      let next = at.next.get(name)
      if (!next) {
        next = beginning()
        at.next.set(name, next)
      }
      at = next
    }
    at.shape ??= this.#add(names)
    this.#lastNames = names
    this.#last = at.shape
    return at.shape
  }

  #add(names: readonly string[]): Shape {
    this.#shapes.write(names.length)
    for (const name of names) {
      let number = this.#numbers.get(name)
      if (number === undefined) {
        number = this.#numbers.size
        this.#numbers.set(name, number)
      }
      this.#shapes.write(number)
    }
    return { number: this.#count++, places: textPlaces(names.length) }
  }
}
