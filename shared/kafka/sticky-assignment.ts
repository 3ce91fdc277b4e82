/** Partitions by topic. */
export type Ownership = ReadonlyMap<string, readonly number[]>

/** A member of a consumer group, as it presents itself when it joins. */
export interface GroupMember {
  readonly id: string
  readonly topics: ReadonlySet<string>
  /** What it was given last, and in which generation of the group. */
  readonly owned: Ownership
  readonly generation: number
}

/** A topic whose partitions are to be shared out. */
interface SharedTopic {
  readonly name: string
  readonly partitions: number
  /** Topics of which each partition goes where that of this topic goes, such as its state. */
  readonly companions: readonly { readonly name: string; readonly partitions: number }[]
}

/**
 * Shares partitions out among the members that subscribe to their topics: of each topic every member gets as many as
 * the others or one more, and so in total. Within that, partitions stay where they are; of two members that claim the
 * same one, that of the newer generation keeps it. The result depends on nothing else, so that any leader finds the same.
 */
export function stickyAssignment(
  members: readonly GroupMember[],
  topics: readonly SharedTopic[],
): ReadonlyMap<string, Ownership> {
  const assigned = new Map(members.map(({ id }) => [id, new Map<string, readonly number[]>()]))
  const loads = new Map(members.map(({ id }) => [id, 0]))
  for (const topic of topics.toSorted(byName)) {
    const subscribers = members.filter((member) => member.topics.has(topic.name))
    for (const [{ id, topics: subscribed }, partitions] of share(topic, subscribers, loads)) {
      if (partitions.length === 0) continue
      loads.set(id, loads.get(id)! + partitions.length)
      assigned.get(id)!.set(topic.name, partitions)
      for (const companion of topic.companions) {
        const along = partitions.filter((partition) => partition < companion.partitions)
        if (subscribed.has(companion.name)) assigned.get(id)!.set(companion.name, along)
      }
    }
  }
  return assigned
}

function share(
  { name, partitions }: SharedTopic,
  subscribers: readonly GroupMember[],
  loads: ReadonlyMap<string, number>,
): ReadonlyMap<GroupMember, readonly number[]> {
  const held = claims(name, partitions, subscribers)
  // The one more that some get goes to those with the least in total, and among them to those that hold the most.
  const order = subscribers.toSorted(
    (a, b) => loads.get(a.id)! - loads.get(b.id)! || held.get(b)!.length - held.get(a)!.length || byId(a, b),
  )
  const fair = Math.floor(partitions / subscribers.length)
  const more = partitions % subscribers.length
  const kept = new Map(
    order.map((member, rank) => [member, held.get(member)!.slice(0, fair + (rank < more ? 1 : 0))]),
  )
  const taken = new Set([...kept.values()].flat())
  const free = Array.from({ length: partitions }, (_, partition) => partition).filter(
    (partition) => !taken.has(partition),
  )
  for (const [rank, member] of order.entries()) {
    const mine = kept.get(member)!
    mine.push(...free.splice(0, fair + (rank < more ? 1 : 0) - mine.length))
    mine.sort((a, b) => a - b)
  }
  return kept
}

/** The partitions of a topic that each member holds already, each partition with one member only. */
function claims(
  topic: string,
  partitions: number,
  members: readonly GroupMember[],
): ReadonlyMap<GroupMember, number[]> {
  const holders = new Map<number, GroupMember>()
  for (const member of members.toSorted((a, b) => b.generation - a.generation || byId(a, b))) {
    for (const partition of member.owned.get(topic) ?? [])
      if (partition < partitions && !holders.has(partition)) holders.set(partition, member)
  }
  const held = new Map(members.map((member): [GroupMember, number[]] => [member, []]))
  for (const [partition, member] of [...holders].sort(([a], [b]) => a - b)) held.get(member)!.push(partition)
  return held
}

const byName = (a: SharedTopic, b: SharedTopic) => (a.name < b.name ? -1 : 1)
const byId = (a: GroupMember, b: GroupMember) => (a.id < b.id ? -1 : 1)
