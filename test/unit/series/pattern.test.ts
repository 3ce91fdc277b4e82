import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matches, overlap } from '../../../shared/series/pattern.ts'

describe('patterns', () => {
  it.each([
    ['cpu', 'cpu', true],
    ['cpu', 'cpu.user', false],
    ['cpu.*', 'cpu.user', true],
    ['cpu.*', 'cpu', false],
    ['*', '', true],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'acb', false],
    ['a*a', 'a', false],
    ['*.total', 'http.requests.total', true],
  ])('%s matches %s: %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected)
  })

  it.each([
    ['cpu.*', 'cpu.user', true],
    ['cpu.*', '*.user', true],
    ['cpu.*', 'mem.*', false],
    ['a*b', '*c', false],
    ['*', 'anything', true],
    ['*', '*', true],
    ['', '*', true],
    ['a', 'b', false],
  ])('%s and %s overlap: %s', (one, other, expected) => {
    expect(overlap(one, other)).toBe(expected)
    expect(overlap(other, one)).toBe(expected)
  })

  it('overlap exactly when some text matches both', () => {
    const pattern = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 4 }).map((parts) => parts.join(''))
    // Two such patterns that overlap share a text of no more than eight letters.
    const texts = ['']
    for (let from = 0, length = 0; length < 8; length++) {
      const to = texts.length
      for (; from < to; from++) texts.push(`${texts[from]}a`, `${texts[from]}b`)
    }
    fc.assert(
      fc.property(pattern, pattern, (one, other) => {
        expect(overlap(one, other)).toBe(texts.some((text) => matches(one, text) && matches(other, text)))
      }),
    )
  })
})
