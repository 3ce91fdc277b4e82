import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fingerprint } from '../../../../../services/normalizer/duplicates/fingerprint.ts'
import { ofPoint } from '../../../../../services/normalizer/duplicates/identities.ts'
import { seriesIdentity } from '../../../../../services/normalizer/duplicates/series-identity.ts'

const print = new Fingerprint()
const textOf = ({ high, low }: Fingerprint) => `${high >>> 0}/${low >>> 0}`
const bitsOf = ({ high, low }: Fingerprint) => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)

describe('a fingerprint', () => {
  it('is another one for each of two hundred thousand points that differ in little', () => {
    const seen = new Set<string>()
    const high = new Set<number>()
    const low = new Set<number>()
    let points = 0
    for (let host = 0; host < 20; host++) {
      const series = seriesIdentity(`cpu.usage_idle,host=web-${host}`, print)
      for (let second = 0; second < 100; second++)
        for (let value = 0; value < 100; value++) {
          const one = ofPoint(
            series,
            1_700_000_000_000 + 1_000 * second,
            value % 2 ? 2 ** -value : value,
            print,
          )
          seen.add(textOf(one))
          high.add(one.high)
          low.add(one.low)
          points++
        }
    }
    expect(seen.size).toBe(points)
    // Each half by itself collides as often as random numbers of 32 bits would: n²/2³³ = 5 times, and hardly ever 20 times.
    expect(points - high.size).toBeLessThan(20)
    expect(points - low.size).toBeLessThan(20)
  })

  it('changes in half of its bits when a bit of what goes in changes', () => {
    const counts = new Array<number>(64).fill(0)
    let trials = 0
    for (let bit = 0; bit < 64; bit++)
      for (let i = 0; i < 200; i++) {
        const [first, second] = [Math.imul(i, 0x9e3779b1), Math.imul(i + 7, 0x85ebca77)]
        const before = bitsOf(print.begin(0, 1).words(first, second).end())
        const changed = print
          .begin(0, 1)
          .words(bit < 32 ? first ^ (1 << bit) : first, bit < 32 ? second : second ^ (1 << (bit - 32)))
        const difference = before ^ bitsOf(changed.end())
        for (let out = 0; out < 64; out++) counts[out]! += Number((difference >> BigInt(out)) & 1n)
        trials++
      }
    for (const count of counts) expect(Math.abs(count / trials - 0.5)).toBeLessThan(0.05)
  })

  it('tells texts apart, also where one runs into the next', () => {
    const two = fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }))
    const printOf = (texts: readonly string[]) => {
      print.begin(0, 1)
      for (const text of texts) print.text(text)
      return textOf(print.end())
    }
    fc.assert(
      fc.property(two, two, (a, b) => {
        expect(printOf(a) === printOf(b)).toBe(JSON.stringify(a) === JSON.stringify(b))
      }),
      {
        examples: [
          [
            ['a', ''],
            ['', 'a'],
          ],
          [
            ['ab', 'c'],
            ['a', 'bc'],
          ],
          [
            ['a\0', ''],
            ['a', ''],
          ],
        ],
      },
    )
  })

  it('is the same for the same, whatever was made before', () => {
    const first = textOf(print.begin(3, 4).number(1.5).text('abc').end())
    print.begin(9, 9).text('other').end()
    expect(textOf(print.begin(3, 4).number(1.5).text('abc').end())).toBe(first)
  })

  it('tells 0 from -0, whose bytes an agent would not send for each other', () => {
    expect(textOf(print.begin(0, 1).number(0).end())).not.toBe(textOf(print.begin(0, 1).number(-0).end()))
  })
})
