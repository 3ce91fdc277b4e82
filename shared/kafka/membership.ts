import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/**
 * What kafkajs 2.2.4 keeps to itself of a membership. Its requests are of versions that carry an instance id (KIP-345),
 * but it fills in none; and it does not tell in which generation of the group an assignment was made. Both are known
 * here by the group: a process is one member of a group.
 */
const instanceIds = new Map<string, string>()
const generations = new Map<string, number>()

/**
 * Makes this process a static member of a group: one that comes back under the same id within the session time-out
 * gets its partitions back without a rebalance.
 */
export function joinAs(groupId: string, instanceId: string): void {
  instanceIds.set(groupId, instanceId)
}

/** The generation in which this process was last given partitions of the group; -1 for none. */
export function generationOf(groupId: string): number {
  return generations.get(groupId) ?? -1
}

interface GroupRequest {
  readonly groupId: string
  readonly generationId?: number
}
interface RequestDefinition {
  protocol(wanted: {
    readonly version: number
  }): (fields: GroupRequest & { readonly groupInstanceId?: string | undefined }) => unknown
}
interface Broker {
  syncGroup(request: GroupRequest): Promise<unknown>
}
interface Membership {
  readonly groupId: string
  leave(): Promise<void>
}

for (const name of ['joinGroup', 'syncGroup', 'heartbeat']) {
  const definition = require(`kafkajs/src/protocol/requests/${name}`) as RequestDefinition
  const { protocol } = definition
  definition.protocol = (wanted) => (fields) =>
    protocol(wanted)({ ...fields, groupInstanceId: instanceIds.get(fields.groupId) })
}

const { prototype: broker } = require('kafkajs/src/broker') as { readonly prototype: Broker }
const { syncGroup } = broker
broker.syncGroup = async function syncAndRemember(this: Broker, request) {
  const answer = await syncGroup.call(this, request)
  generations.set(request.groupId, request.generationId ?? -1)
  return answer
}

const { prototype: member } = require('kafkajs/src/consumer/consumerGroup') as {
  readonly prototype: Membership
}
const { leave } = member
/** A static member that stops does not leave: it may be back before anyone has to take its partitions over. */
member.leave = async function leaveUnlessStatic(this: Membership) {
  if (!instanceIds.has(this.groupId)) await leave.call(this)
}
