import type { Fields } from '../../../shared/logs/fields.ts'
import { cardsIn } from './cards.ts'
import { emailsIn } from './emails.ts'
import { withoutPieces } from './pieces.ts'
import { type Piece, TextPattern } from './text-pattern.ts'
import { tokensIn } from './tokens.ts'

/** What stands in the place of what was redacted. */
const redactionMarker = '[redacted]'

/** What is known to be nobody's business, by the name in the configuration. */
const kinds = { cards: cardsIn, tokens: tokensIn, emails: emailsIn } satisfies Record<
  string,
  (text: string) => readonly Piece[]
>

type RedactionKind = keyof typeof kinds
export const redactionKinds = Object.keys(kinds) as readonly RedactionKind[]

/** Puts a marker in the place of all that is one of these kinds or matches one of these patterns. */
export function redaction(
  names: readonly RedactionKind[],
  patterns: readonly string[],
): (text: string) => string {
  const finders = [
    ...names.map((name) => kinds[name]),
    ...patterns.map((source) => {
      const pattern = new TextPattern(source)
      return (text: string) => pattern.piecesOf(text)
    }),
  ]
  return (text) => {
    const pieces: Piece[] = []
    // One by one: a hostile text has more than can be spread into a call.
    for (const find of finders) for (const piece of find(text)) pieces.push(piece)
    return withoutPieces(text, pieces, redactionMarker)
  }
}

/** The same attributes unless one changes. */
export function redactedTexts(attributes: Fields, redact: (text: string) => string): Fields {
  const texts = attributes.texts.map(redact)
  return texts.every((text, i) => text === attributes.texts[i]) ? attributes : { ...attributes, texts }
}
