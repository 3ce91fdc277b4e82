import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type GroupMember,
  type Ownership,
  stickyAssignment,
} from '../../../shared/kafka/sticky-assignment.ts'

const topic = (name: string, partitions: number, companion?: string) => ({
  name,
  partitions,
  companions: companion ? [{ name: companion, partitions }] : [],
})

const member = (
  id: string,
  topics: readonly string[],
  owned: Ownership = new Map(),
  generation = 1,
): GroupMember => ({
  id,
  topics: new Set(topics),
  owned,
  generation,
})

const points = topic('points', 12, 'state')
const all = ['points', 'state']

/** The same members as they come to the next rebalance. */
const rejoining = (
  members: readonly GroupMember[],
  assignment: ReadonlyMap<string, Ownership>,
  generation = 2,
) => members.map((one) => ({ ...one, owned: assignment.get(one.id)!, generation }))

/** How many partitions of the topics have an owner that is another one than before. */
function moves(
  topics: readonly { readonly name: string }[],
  before: ReadonlyMap<string, Ownership>,
  now: ReadonlyMap<string, Ownership>,
): number {
  const owners = (assignment: ReadonlyMap<string, Ownership>) =>
    new Map(
      [...assignment].flatMap(([id, owned]) =>
        topics.flatMap(({ name }) =>
          (owned.get(name) ?? []).map((partition) => [`${name}-${partition}`, id] as const),
        ),
      ),
    )
  const old = owners(before)
  return [...owners(now)].filter(([place, id]) => old.get(place) !== id).length
}

const spread = (counts: readonly number[]) => Math.max(...counts) - Math.min(...counts)
const total = (owned: Ownership, topics: readonly { readonly name: string }[]) =>
  topics.reduce((sum, { name }) => sum + (owned.get(name)?.length ?? 0), 0)

const topicLists = fc
  .array(fc.integer({ min: 1, max: 17 }), { minLength: 1, maxLength: 3 })
  .map((sizes) => sizes.map((size, i) => topic(`t${i}`, size, `s${i}`)))

/** Members with any claims, also on partitions that do not exist and on those of others. */
const memberLists = (names: readonly string[]) =>
  fc
    .array(
      fc.record({
        claims: fc.array(fc.tuple(fc.constantFrom(...names), fc.array(fc.nat(20), { maxLength: 12 })), {
          maxLength: 3,
        }),
        generation: fc.integer({ min: -1, max: 5 }),
      }),
      { minLength: 1, maxLength: 6 },
    )
    .map((list) =>
      list.map(({ claims, generation }, i) =>
        member(
          `m${i}`,
          names.flatMap((name) => [name, name.replace('t', 's')]),
          new Map(claims),
          generation,
        ),
      ),
    )

const groups = topicLists.chain((topics) =>
  memberLists(topics.map(({ name }) => name)).map((members) => ({ topics, members })),
)

describe('stickyAssignment', () => {
  it('gives each partition to one member, evenly by topic and in total, whatever members claim', () => {
    fc.assert(
      fc.property(groups, ({ topics, members }) => {
        const assignment = stickyAssignment(members, topics)
        for (const { name, partitions } of topics) {
          const given = [...assignment.values()].flatMap((owned) => owned.get(name) ?? [])
          expect(given.toSorted((a, b) => a - b)).toEqual(Array.from({ length: partitions }, (_, i) => i))
          expect(
            spread(members.map(({ id }) => assignment.get(id)!.get(name)?.length ?? 0)),
          ).toBeLessThanOrEqual(1)
        }
        expect(spread(members.map(({ id }) => total(assignment.get(id)!, topics)))).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('gives the state of a partition to whoever has the partition', () => {
    fc.assert(
      fc.property(groups, ({ topics, members }) => {
        for (const owned of stickyAssignment(members, topics).values())
          for (const { name } of topics) expect(owned.get(name.replace('t', 's'))).toEqual(owned.get(name))
      }),
    )
  })

  it('moves nothing when nobody came or went, and does not depend on the order of the members', () => {
    fc.assert(
      fc.property(groups, ({ topics, members }) => {
        const before = stickyAssignment(members, topics)
        const again = stickyAssignment(rejoining(members, before).toReversed(), topics.toReversed())
        expect(moves(topics, before, again)).toBe(0)
      }),
    )
  })

  it('moves only what a member that left had, of one topic', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 2, max: 8 }), (partitions, count) => {
        const topics = [topic('points', partitions)]
        const members = Array.from({ length: count }, (_, i) => member(`m${i}`, all))
        const before = stickyAssignment(members, topics)
        const [gone, ...rest] = rejoining(members, before)
        expect(moves(topics, before, stickyAssignment(rest, topics))).toBe(
          gone!.owned.get('points')?.length ?? 0,
        )
      }),
    )
  })

  it('moves only the share of a member that came, of one topic', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 8 }), (partitions, count) => {
        const topics = [topic('points', partitions)]
        const members = Array.from({ length: count }, (_, i) => member(`m${i}`, all))
        const before = stickyAssignment(members, topics)
        const now = stickyAssignment([...rejoining(members, before), member('new', all)], topics)
        expect(moves(topics, before, now)).toBe(now.get('new')!.get('points')?.length ?? 0)
        expect(moves(topics, before, now)).toBeLessThanOrEqual(Math.ceil(partitions / (count + 1)))
      }),
    )
  })

  it('moves about a share when a member comes or goes, of several topics', () => {
    fc.assert(
      fc.property(topicLists, fc.integer({ min: 2, max: 6 }), (topics, count) => {
        const names = topics.map(({ name }) => name)
        const members = Array.from({ length: count }, (_, i) => member(`m${i}`, names))
        const before = stickyAssignment(members, topics)
        const [gone, ...rest] = rejoining(members, before)
        const left = stickyAssignment(rest, topics)
        expect(moves(topics, before, left)).toBeLessThanOrEqual(total(gone!.owned, topics) + topics.length)
        const back = stickyAssignment([...rejoining(rest, left, 3), member('m0', names)], topics)
        expect(moves(topics, left, back)).toBeLessThanOrEqual(total(back.get('m0')!, topics) + topics.length)
      }),
    )
  })

  it('lets the claim of the newer generation win', () => {
    const claims = new Map([['points', [0, 1, 2]]])
    const assignment = stickyAssignment(
      [member('a', all, claims, 4), member('b', all, claims, 5)],
      [topic('points', 6)],
    )
    expect(assignment.get('b')!.get('points')).toEqual([0, 1, 2])
  })

  it('leaves members alone that do not subscribe to a topic, as while a release with a new topic is rolled out', () => {
    const members = [member('new', ['points', 'state']), member('old', ['other'])]
    const assignment = stickyAssignment(members, [points, topic('other', 2)])
    expect([...assignment.get('old')!]).toEqual([['other', [0, 1]]])
    expect(assignment.get('new')!.get('points')).toHaveLength(12)
  })

  it('gives topics nobody subscribes to to nobody', () => {
    expect([...stickyAssignment([member('a', [])], [points]).get('a')!]).toEqual([])
  })
})
