import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exactMembers, MemberSet } from '../../../../services/aggregator/kinds/member-set.ts'
import { seededRandom } from '../../../support/random.ts'

const anyMember = fc.oneof(
  fc.integer({ min: 0, max: 50 }),
  fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  fc.constant(2 ** 48 - 1),
)

/** Few members, or so many that registers hold them; of the latter, two share some. */
const anyMembers = fc.oneof(
  fc.array(anyMember, { maxLength: 40 }),
  fc
    .tuple(fc.nat(3), fc.integer({ min: exactMembers - 5, max: 3 * exactMembers }))
    .map(([seed, count]) => randomMembers(seed, count)),
)

function randomMembers(seed: number, count: number): readonly number[] {
  const random = seededRandom(seed)
  return Array.from(
    { length: count },
    () => Math.floor(random() * 2 ** 32) * 2 ** 16 + Math.floor(random() * 2 ** 16),
  )
}

function setOf(members: Iterable<number>): MemberSet {
  const set = new MemberSet()
  for (const member of members) set.add(member)
  return set
}

function union(...sets: readonly MemberSet[]): MemberSet {
  const all = new MemberSet()
  for (const set of sets) all.merge(set)
  return all
}

function readBack(bytes: Uint8Array): MemberSet {
  const set = new MemberSet()
  set.mergeBytes(bytes)
  return set
}

describe('the members of a set', () => {
  it('are counted exactly as long as they are few', () => {
    fc.assert(
      fc.property(fc.array(anyMember, { maxLength: 300 }), (members) => {
        expect(setOf(members).distinct).toBe(new Set(members).size)
      }),
    )
    expect(setOf(randomMembers(1, exactMembers)).distinct).toBe(exactMembers)
  })

  it('depend neither on order, nor on what comes again, nor on what was merged with what', () => {
    fc.assert(
      fc.property(anyMembers, anyMembers, anyMembers, (a, b, c) => {
        const bytes = setOf([...a, ...b, ...c]).toBytes()
        expect(
          setOf([...c, ...a.toReversed(), ...b, ...a])
            .toBytes()
            .equals(bytes),
        ).toBe(true)
        const [one, other, third] = [setOf(a), setOf(b), setOf(c)]
        for (const merged of [
          union(union(one, other), third),
          union(one, union(other, third)),
          union(third, other, one, other),
        ])
          expect(merged.toBytes().equals(bytes)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('go into bytes and back, alone and into others', () => {
    fc.assert(
      fc.property(anyMembers, anyMembers, (a, b) => {
        const [one, other] = [setOf(a), setOf(b)]
        expect(readBack(one.toBytes()).toBytes().equals(one.toBytes())).toBe(true)
        const merged = readBack(one.toBytes())
        merged.mergeBytes(other.toBytes())
        expect(merged.toBytes().equals(union(one, other).toBytes())).toBe(true)
        expect(one.toBytes().length).toBeLessThanOrEqual(2 + 2 ** 14)
      }),
      { numRuns: 60 },
    )
  })

  it.each([3_000, 20_000, 100_000, 1_000_000])(
    'are estimated with a standard error of 0.81 %% at most: %i',
    (count) => {
      const trials = count > 100_000 ? 10 : 50
      const errors = Array.from(
        { length: trials },
        (_, i) => setOf(randomMembers(100 + i, count)).distinct / count - 1,
      )
      const standardError = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / trials)
      // The seeds are always the same. So few trials give up to a half more by chance.
      expect(standardError).toBeLessThan(0.0081 * 1.5)
      expect(Math.max(...errors.map(Math.abs))).toBeLessThan(4 * 0.0081)
    },
  )

  it('are never estimated as infinitely many', () => {
    const full = Buffer.concat([Buffer.of(1, 1), Buffer.alloc(2 ** 14, 35)])
    expect(readBack(full).distinct).toBe(2 ** 48)
  })

  it.each([
    ['another version', Buffer.of(2, 0)],
    ['nothing', Buffer.alloc(0)],
    ['an unknown form', Buffer.of(1, 2)],
    ['half a member', Buffer.of(1, 0, 1, 2, 3)],
    ['a member twice', Buffer.from(`0100${'000000000001'.repeat(2)}`, 'hex')],
    ['more members than are kept', Buffer.alloc(2 + 6 * (exactMembers + 1), 1)],
    ['too few registers', Buffer.concat([Buffer.of(1, 1), Buffer.alloc(100)])],
    ['a register that is too full', Buffer.concat([Buffer.of(1, 1), Buffer.alloc(2 ** 14, 36)])],
  ])('are not read from %s', (_, bytes) => {
    expect(() => readBack(bytes)).toThrow(RangeError)
  })
})
