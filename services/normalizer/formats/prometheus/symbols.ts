import { BadRecordError } from '../../../../shared/errors.ts'
import type { Label, TextId } from './written-series.ts'

/** Numbers for the texts of remote write 2, which each request lists anew: the same text has the same number. */
export class Symbols {
  readonly #limit: number
  #ids = new Map<string, TextId>()
  /** Never given again, so that a text that was forgotten is not taken for another. */
  #next = 0

  /** Texts beyond `limit` make all be forgotten, which costs time only. */
  constructor(limit: number) {
    this.#limit = limit
  }

  of(symbols: readonly string[]): RequestSymbols {
    if (this.#ids.size > this.#limit) this.#ids = new Map()
    return new RequestSymbols(
      symbols,
      symbols.map((text) => this.#idOf(text)),
    )
  }

  #idOf(text: string): TextId {
    let id = this.#ids.get(text)
    if (id === undefined) {
      id = this.#next++
      this.#ids.set(text, id)
    }
    return id
  }
}

/** The texts of one request, which its series call by their places. */
class RequestSymbols {
  readonly #texts: readonly string[]
  readonly #ids: readonly TextId[]

  constructor(texts: readonly string[], ids: readonly TextId[]) {
    this.#texts = texts
    this.#ids = ids
  }

  /** Throws BadRecordError when there is no such place. */
  textAt(place: number): string {
    return this.#texts[place] ?? absent(place)
  }

  /** Throws BadRecordError when there is no such place. */
  idsAt(places: readonly number[]): readonly TextId[] {
    return places.map((place) => this.#ids[place] ?? absent(place))
  }

  /** Of names and values in turn. Throws BadRecordError when one has no value. */
  labelsAt(places: readonly number[]): readonly Label[] {
    if (places.length % 2 === 1) throw new BadRecordError('unparseable', 'a label has no value')
    return Array.from({ length: places.length / 2 }, (_, i) => ({
      name: this.textAt(places[2 * i]!),
      value: this.textAt(places[2 * i + 1]!),
    }))
  }
}

function absent(place: number): never {
  throw new BadRecordError('unparseable', `there is no symbol ${place}`)
}
