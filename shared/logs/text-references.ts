import { VarintColumn } from '../avro/varint-column.ts'

/** What a reference of PackedLogs to a text says; from `firstNumber` on it is the text with the number that is left. */
export const nextText = 0
export const nextNumberedText = 1
export const noText = 2
export const firstNumber = 3

/** Texts in one place of events, such as their hosts or one attribute, and whether they are of the kind that comes again. */
export interface TextPlace {
  last: string | undefined
  lastReference: number
  news: number
  known: number
}

export const textPlaces = (count: number): readonly TextPlace[] =>
  Array.from({ length: count }, () => ({ last: undefined, lastReference: noText, news: 0, known: 0 }))

/** New texts before a place is taken for one whose texts never come again, such as ids: then they are not remembered. */
const patience = 64

/** Writes texts as references, and those that come for the first time beside them. */
export class TextReferences {
  readonly #lengths = new VarintColumn()
  readonly #texts: string[] = []
  readonly #numbers = new Map<string, number>()

  get texts(): string {
    return this.#texts.join('')
  }

  get lengths(): Buffer {
    return this.#lengths.bytes
  }

  to(text: string, place: TextPlace): number {
    if (text === place.last) {
      place.known++
      return place.lastReference
    }
    const isRemembered = place.news < patience || place.known * 4 > place.news
    const number = isRemembered ? this.#numbers.get(text) : undefined
    if (number !== undefined) {
      place.known++
      place.last = text
      place.lastReference = number + firstNumber
      return place.lastReference
    }
    place.news++
    this.#texts.push(text)
    this.#lengths.write(text.length)
    if (!isRemembered) return nextText
    place.last = text
    place.lastReference = this.#numbers.size + firstNumber
    this.#numbers.set(text, this.#numbers.size)
    return nextNumberedText
  }
}
