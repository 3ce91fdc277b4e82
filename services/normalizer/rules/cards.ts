import type { Piece } from './text-pattern.ts'

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
  for (const groups of runsOf(text)) {
    for (let i = 0; i < groups.length; i++) {
      // The longest card that begins here, so that none is left half.
      let digits = ''
      let end: number | undefined
      for (let j = i; j < groups.length; j++) {
        const [from, to] = groups[j]!
        if (digits.length + to - from > maxDigits) break
        digits += text.slice(from, to)
        if (isCard(digits)) end = to
      }
      if (end !== undefined) cards.push([groups[i]![0], end])
    }
  }
  return cards
}

/** Groups of digits with one space or hyphen between them; found one by one, as one expression would need a stack as long as the text. */
function* runsOf(text: string): Iterable<readonly Piece[]> {
  const digits = /\d+/g
  let run: Piece[] = []
  for (let found = digits.exec(text); found; found = digits.exec(text)) {
    const from = found.index
    const [, before = -2] = run.at(-1) ?? []
    const goesOn = from === before + 1 && (text[before] === ' ' || text[before] === '-')
    if (!goesOn && run.length > 0) {
      yield run
      run = []
    }
    run.push([from, digits.lastIndex])
  }
  if (run.length > 0) yield run
}

/** Whether 13 to 19 digits are those of a card. */
const isCard = (digits: string) => digits.length >= minDigits && !mayBeTime(digits) && isRightByLuhn(digits)

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
