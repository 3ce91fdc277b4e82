import type { Piece } from './text-pattern.ts'

const minDigits = 13
const maxDigits = 19

/**
 * The groups of digits of the run at hand in which a card may still begin, by their number modulo 32: with at least a digit each,
 * there are never more than 20 of them. One for all calls, which never overlap.
 */
const mask = 31
const starts = new Int32Array(mask + 1)
/** Digits of the run before each group, and Luhn's sum of these: with those at odd places doubled, and with those at even ones. */
const digitsBefore = new Int32Array(mask + 1)
const oddDoubled = new Int32Array(mask + 1)
const evenDoubled = new Int32Array(mask + 1)

/**
 * Numbers of payment cards: 13 to 19 digits whose last is right by Luhn's formula (ISO/IEC 7812-1), also in groups with one
 * space or hyphen between them, and also with other numbers before or after. Numbers of 13, 16 or 19 digits that begin with 1 are left:
 * no card's do, but the milliseconds, microseconds and nanoseconds since 1970 until 2033 do, and one in ten of them would be taken
 * for a card. Sums that go on from digit to digit make it one subtraction to try a number.
 */
export function cardsIn(text: string): readonly Piece[] {
  const cards: Piece[] = []
  let [first, next, digits, odd, even, end] = [0, 0, 0, 0, 0, -2]
  for (let at = 0; at < text.length; ) {
    if (!isDigit(text.charCodeAt(at))) {
      at++
      continue
    }
    if (at !== end + 1 || !isSeparator(text.charCodeAt(end))) first = next = digits = odd = even = 0
    const group = next++ & mask
    starts[group] = at
    digitsBefore[group] = digits
    oddDoubled[group] = odd
    evenDoubled[group] = even
    for (let code = text.charCodeAt(at); isDigit(code); code = text.charCodeAt(++at)) {
      const digit = code - 0x30
      const doubled = digit > 4 ? 2 * digit - 9 : 2 * digit
      const isEven = digits++ % 2 === 0
      odd += isEven ? digit : doubled
      even += isEven ? doubled : digit
    }
    end = at
    while (first < next && digits - digitsBefore[first & mask]! > maxDigits) first++
    // The last digit of a card is not doubled.
    const [sum, before] = digits % 2 === 1 ? [odd, oddDoubled] : [even, evenDoubled]
    // The longest card that ends here, so that none is left half.
    for (let i = first; i < next; i++) {
      const length = digits - digitsBefore[i & mask]!
      if (length < minDigits) break
      const from = starts[i & mask]!
      if ((sum - before[i & mask]!) % 10 !== 0 || mayBeTime(length, text.charCodeAt(from))) continue
      add(cards, from, end)
      break
    }
  }
  return cards
}

const isDigit = (code: number) => code >= 0x30 && code <= 0x39
const isSeparator = (code: number) => code === 0x20 || code === 0x2d

const mayBeTime = (length: number, first: number) =>
  first === 0x31 && (length === 13 || length === 16 || length === 19)

/** Cards that overlap are one piece. */
function add(cards: Piece[], from: number, to: number): void {
  let begin = from
  while (cards.length > 0 && cards.at(-1)![1] > begin) begin = Math.min(begin, cards.pop()![0])
  cards.push([begin, to])
}
