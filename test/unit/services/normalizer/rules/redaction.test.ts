import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withoutPieces } from '../../../../../services/normalizer/rules/pieces.ts'
import {
  redactedTexts,
  redaction,
  redactionKinds,
} from '../../../../../services/normalizer/rules/redaction.ts'

const all = redaction(redactionKinds, [])

describe('redaction', () => {
  it.each<[string, string, string]>([
    ['a card', 'paid with 4111111111111111.', 'paid with [redacted].'],
    ['in groups', '4111 1111 1111 1111, 3782-822463-10005', '[redacted], [redacted]'],
    ['between other numbers', 'order 12 4111 1111 1111 1111 99', 'order 12 [redacted] 99'],
    ['no card', '4111111111111112', '4111111111111112'],
    ['a time in milliseconds that is right by Luhn', '1700000000009', '1700000000009'],
    ['a longer number', '00004111111111111111111111', '00004111111111111111111111'],
    ['an e-mail address', 'mail to ann.b+c@mail.example.org.', 'mail to [redacted].'],
    ['an address of other letters', 'an <jörg@exämple.de>', 'an <[redacted]>'],
    ['no address', 'a @ b, @c, d@e, x@', 'a @ b, @c, d@e, x@'],
    ['a bearer token', 'Authorization: Bearer abcdef0123456789abcdef', 'Authorization: Bearer [redacted]'],
    ['a bearer token alone', 'got bearer abcdef0123456789abcdef', 'got bearer [redacted]'],
    ['basic authorization', 'authorization: Basic dTpw', 'authorization: Basic [redacted]'],
    ['a key in a query', '/x?api_key=abc123&b=1', '/x?api_key=[redacted]&b=1'],
    ['a password in JSON', '{"password": "p w, \\" x","a":1}', '{"password": "[redacted]","a":1}'],
    ['a password in JSON in JSON', '{\\"password\\":\\"pw\\"}', '{\\"password\\":\\"[redacted]'],
    ['a JSON web token', 'eyJhbGciOi.eyJzdWIiOi.c2ln!', '[redacted]!'],
    ['a key of a service', 'use ghp_abcdefghijklmnop12 now', 'use [redacted] now'],
    ['a password in an address', 'amqp://me:secret1@host/x', 'amqp://me:[redacted]@host/x'],
    ['plain words', 'the bearer of tokens, secretly: no', 'the bearer of tokens, secretly: no'],
  ])('%s', (_, text, expected) => {
    expect(all(text)).toBe(expected)
  })

  it('redacts what a pattern says', () => {
    expect(redaction([], ['user-[0-9]+', 'x*'])('user-17 and user-2, xx')).toBe(
      '[redacted] and [redacted], [redacted]',
    )
  })

  it('gives back the same attributes when there is nothing in them', () => {
    const attributes = { names: ['a'], texts: ['b'] }
    expect(redactedTexts(attributes, all)).toBe(attributes)
    expect(redactedTexts({ names: ['a', 'c'], texts: ['b', 'a@b.cd'] }, all)).toEqual({
      names: ['a', 'c'],
      texts: ['b', '[redacted]'],
    })
  })

  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 19 })
  const separator = fc.constantFrom(' ', '-', ', ', ' id=', '.', '')
  const card = digits.map((text) => text.padStart(12, '4')).map((text) => text + checkDigit(text))
  const text = fc
    .array(fc.tuple(fc.oneof(digits, card, fc.string()), separator), { maxLength: 12 })
    .map((parts) => parts.flat().join(''))

  it('never leaves a number that is right by Luhn', () => {
    fc.assert(fc.property(text, (before) => void expect(luhnPieces(all(before))).toEqual([])))
  })

  it('takes nothing else for a card', () => {
    const cards = redaction(['cards'], [])
    fc.assert(
      fc.property(text, (before) => {
        expect(cards(before)).toBe(withoutPieces(before, luhnPieces(before), '[redacted]'))
      }),
    )
  })

  it('does nothing more the second time', () => {
    fc.assert(
      fc.property(text, (before) => {
        const once = all(before)
        expect(all(once)).toBe(once)
      }),
    )
  })

  it.each([
    'a@b.cd ',
    '1 ',
    'a@',
    'eyJaaaaa-',
    'eyJaaaaaa.',
    '://a:',
    'password:"',
    'bearer ',
    '@a.-',
    'a.-',
    '4',
    '4 4-1 ',
  ])('takes time in proportion to the text: %s', (piece) => {
    const long = piece.repeat(150_000)
    const before = process.cpuUsage()
    all(long)
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1_000).toBeLessThan(3_000)
  })
})

/** The digit that makes a number right. */
function checkDigit(digits: string): number {
  return [...Array(10).keys()].find((last) => sumByLuhn(digits + last) % 10 === 0)!
}

/** Written another way than the one that is tested. */
const sumByLuhn = (digits: string) =>
  [...digits]
    .reverse()
    .map(Number)
    .map((digit, i) => (i % 2 === 1 ? [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][digit]! : digit))
    .reduce((sum, digit) => sum + digit, 0)

/** Where numbers of 13 to 19 digits stand that are right and whole, in groups or not, but for those that may be times. */
function luhnPieces(text: string): readonly (readonly [from: number, to: number])[] {
  const found: [number, number][] = []
  for (let from = 0; from < text.length; from++) {
    if (!/\d/.test(text[from]!) || /\d/.test(text[from - 1] ?? '')) continue
    for (let to = from + 13; to <= Math.min(text.length, from + 37); to++) {
      const piece = text.slice(from, to)
      if (/\d/.test(text[to] ?? '') || !/^\d+(?:[ -]\d+)*$/.test(piece)) continue
      const digits = piece.replace(/\D/g, '')
      if (digits.length < 13 || digits.length > 19 || /^1(?:.{12}|.{15}|.{18})$/.test(digits)) continue
      if (sumByLuhn(digits) % 10 === 0) found.push([from, to])
    }
  }
  return found
}
