import type { Piece } from './text-pattern.ts'

/** Groups of digits with one space or hyphen between them. */
const runs = /\d+(?:[ -]\d+)*/g
const minDigits = 13
const maxDigits = 19

/**
 * Numbers of payment cards: 13 to 19 digits whose last is right by Luhn's formula (ISO/IEC 7812-1), also in groups, and
 * also with other numbers before or after. Numbers of 13, 16 or 19 digits that begin with 1 are left: no card's do, but the
 * milliseconds, microseconds and nanoseconds since 1970 until 2033 do, and one in ten of them would be taken for a card.
 */
export function cardsIn(text: string): readonly Piece[] {
  const cards: Piece[] = []
  if (text.length < minDigits) return cards
  for (const { 0: run, index } of text.matchAll(runs)) {
    if (run.length < minDigits) continue
    const groups = [...run.matchAll(/\d+/g)].map(({ 0: digits, index: at }) => ({ digits, from: index + at }))
    for (let i = 0; i < groups.length; i++) {
      // The longest card that begins here, so that none is left half.
      let digits = ''
      let end: number | undefined
      for (let j = i; j < groups.length; j++) {
        digits += groups[j]!.digits
        if (digits.length > maxDigits) break
        if (isCard(digits)) end = groups[j]!.from + groups[j]!.digits.length
      }
      if (end !== undefined) cards.push([groups[i]!.from, end])
    }
  }
  return cards
}

/** Whether 13 to 19 digits are those of a card. */
export const isCard = (digits: string) =>
  digits.length >= minDigits && !mayBeTime(digits) && isRightByLuhn(digits)

const mayBeTime = ({ length, 0: first }: string) =>
  first === '1' && (length === 13 || length === 16 || length === 19)

function isRightByLuhn(digits: string): boolean {
  let sum = 0
  for (let i = digits.length - 1, doubled = false; i >= 0; i--, doubled = !doubled) {
    const digit = digits.charCodeAt(i) - 0x30
    sum += doubled ? (digit > 4 ? 2 * digit - 9 : 2 * digit) : digit
  }
  return sum % 10 === 0
}
