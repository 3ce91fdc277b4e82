import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wrap } from '../../../shared/config/wrap.ts'

describe('wrap', () => {
  it('fills lines up to the width, the prefix counted', () => {
    expect(wrap('one two three four', '# ', 9)).toEqual(['# one two', '# three', '# four'])
  })

  it('does not cut a word that is longer than a line', () => {
    expect(wrap('a incomprehensibilities b', '', 5)).toEqual(['a', 'incomprehensibilities', 'b'])
  })

  it('keeps every word in its order and every line of more than one word within the width', () => {
    const word = fc.stringMatching(/^[a-z]{1,12}$/)
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 4, max: 30 }), (words, width) => {
        const lines = wrap(words.join(' '), '> ', width)
        const bodies = lines.map((line) => line.slice(2))
        expect(lines.every((line) => line.startsWith('> '))).toBe(true)
        expect(bodies.join(' ').split(' ')).toEqual(words)
        for (const [index, body] of bodies.entries()) {
          if (body.includes(' ')) expect(body.length + 2).toBeLessThanOrEqual(width)
          const next = bodies[index + 1]?.split(' ')[0]
          if (next !== undefined) expect(body.length + 3 + next.length).toBeGreaterThan(width)
        }
      }),
    )
  })
})
