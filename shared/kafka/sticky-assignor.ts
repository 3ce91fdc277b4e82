import kafkajs, { type PartitionAssigner } from './kafkajs.ts'
import { type GroupMember, type Ownership, stickyAssignment } from './sticky-assignment.ts'

/**
 * Under which name members of a group agree on it. Members that share no name can't be in one group: a way of sharing
 * out that is not compatible gets a name of its own, and for one release members offer both.
 */
const name = 'tidemark-sticky'

/** What a member holds when it joins the group again. */
interface Claim {
  readonly generation: number
  readonly owned: Ownership
}

interface StickyAssignorOptions {
  /** Of a topic, the one whose partitions go where its own go. */
  readonly companions: ReadonlyMap<string, string>
  /** Asked at each join. */
  claim(): Claim
}

/** Shares partitions out by `stickyAssignment`: kafkajs itself only deals them out anew, in turn, at each rebalance. */
export function stickyAssignor({ companions, claim }: StickyAssignorOptions): PartitionAssigner {
  const { MemberMetadata, MemberAssignment } = kafkajs.AssignerProtocol
  const following = new Set(companions.values())
  return ({ cluster }) => {
    const shared = (topic: string) => ({
      name: topic,
      partitions: cluster.findTopicPartitionMetadata(topic).length,
    })
    return {
      name,
      version: 1,
      protocol: ({ topics }) => ({
        name,
        metadata: MemberMetadata.encode({ version: 1, topics: [...topics], userData: encodeClaim(claim()) }),
      }),
      async assign({ members, topics }) {
        const assignment = stickyAssignment(
          members.map(({ memberId, memberMetadata }): GroupMember => {
            const subscription = MemberMetadata.decode(memberMetadata)
            return {
              id: memberId,
              topics: new Set(subscription?.topics),
              ...decodeClaim(subscription?.userData),
            }
          }),
          topics
            .filter((topic) => !following.has(topic))
            .map((topic) => {
              const companion = companions.get(topic)
              return { ...shared(topic), companions: companion === undefined ? [] : [shared(companion)] }
            }),
        )
        return [...assignment].map(([memberId, owned]) => ({
          memberId,
          memberAssignment: MemberAssignment.encode({
            version: 1,
            assignment: Object.fromEntries([...owned].map(([topic, partitions]) => [topic, [...partitions]])),
            userData: Buffer.alloc(0),
          }),
        }))
      },
    }
  }
}

/** `{"generation": 7, "owned": {"telemetry.points": [0, 3]}}` */
export function encodeClaim({ generation, owned }: Claim): Buffer {
  return Buffer.from(JSON.stringify({ generation, owned: Object.fromEntries(owned) }))
}

/** What can't be read claims nothing: a member of another version then only loses its partitions' place. */
export function decodeClaim(userData: Buffer | null | undefined): Claim {
  try {
    const { generation, owned } = JSON.parse(String(userData)) as {
      readonly generation: unknown
      readonly owned: Readonly<Record<string, unknown>>
    }
    const entries = Object.entries(owned).map(
      ([topic, partitions]) => [topic, (partitions as unknown[]).filter(isPartition)] as const,
    )
    return { generation: typeof generation === 'number' ? generation : -1, owned: new Map(entries) }
  } catch {
    return { generation: -1, owned: new Map() }
  }
}

const isPartition = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0
