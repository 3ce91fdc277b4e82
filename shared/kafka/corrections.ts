/**
 * Corrections of kafkajs 2.2.4, its last release, made before it is loaded: kafkajs.ts sees to that.
 */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

interface FetchedMessage {
  readonly offset: string
  readonly key: Buffer | null
  readonly isControlRecord: boolean
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean }
}
interface AbortedTransaction {
  readonly producerId: string
  readonly firstOffset: string
}

/**
 * Leaves out what aborted transactions wrote. kafkajs' own filter takes up one aborted transaction a message, in the
 * order the broker lists them (by their ends), so that when several producers die at once, as the lanes of a killed
 * worker do, aborted records slip through. This one takes up all that have begun, by their beginnings, as the Java
 * client does (KIP-98, "abortedTransactions" of FetchResponse).
 */
export function withoutAborted<M extends FetchedMessage>(fetched: {
  readonly messages: readonly M[]
  readonly abortedTransactions?: readonly AbortedTransaction[] | null
}): readonly M[] {
  if (!fetched.abortedTransactions?.length) return fetched.messages
  const waiting = [...fetched.abortedTransactions].sort(
    (a, b) => Number(a.firstOffset) - Number(b.firstOffset),
  )
  const aborted = new Set<string>()
  let next = 0
  return fetched.messages.filter((message) => {
    const offset = Number(message.offset)
    while (next < waiting.length && Number(waiting[next]!.firstOffset) <= offset)
      aborted.add(waiting[next++]!.producerId)
    const { producerId, inTransaction } = message.batchContext
    if (!message.isControlRecord) return !(inTransaction && aborted.has(producerId))
    if (isAbortMarker(message.key)) aborted.delete(producerId)
    return true
  })
}

/** A control record's key is version (int16) and type (int16); type 0 aborts, 1 commits. */
const isAbortMarker = (key: Buffer | null) => key !== null && key.length >= 4 && key.readInt16BE(2) === 0

if (require.cache[require.resolve('kafkajs/src/consumer/consumerGroup')])
  throw new Error('kafkajs was loaded before its corrections: import it from shared/kafka/kafkajs.ts')
const filterPath = require.resolve('kafkajs/src/consumer/filterAbortedMessages')
require(filterPath)
require.cache[filterPath]!.exports = withoutAborted

interface RequestQueue {
  readonly pending: readonly unknown[]
  scheduleCheckPendingRequests(): void
}

/**
 * kafkajs re-arms a 1 ms timer on each connection for ever, although no request waits: most of what an idle client
 * costs (its issue 1751). A queue without waiting requests needs no check: each answer triggers one.
 */
const { prototype } = require('kafkajs/src/network/requestQueue') as { readonly prototype: RequestQueue }
const schedule = prototype.scheduleCheckPendingRequests
prototype.scheduleCheckPendingRequests = function scheduleWhenRequestsWait(this: RequestQueue) {
  if (this.pending.length > 0) schedule.call(this)
}

interface OffsetManager {
  readonly cluster: {
    fetchTopicsOffset(
      topics: readonly {
        readonly topic: string
        readonly partitions: readonly { readonly partition: number }[]
        readonly fromBeginning: boolean
      }[],
    ): Promise<readonly { readonly partitions: readonly { readonly offset: string }[] }[]>
  }
  readonly resolvedOffsets: Record<string, Record<number, string>>
  setDefaultOffset(place: { readonly topic: string; readonly partition: number }): Promise<void>
}

/**
 * When retention has deleted the record that is to be fetched next, kafkajs commits "from the beginning" for the group,
 * over the offset and the metadata that a transaction has committed, and whoever the partition's owner is by then.
 * Going on with the first record that is left needs no commit.
 */
const { prototype: offsets } = require('kafkajs/src/consumer/offsetManager') as {
  readonly prototype: OffsetManager
}
offsets.setDefaultOffset = async function continueAtTheBeginning(this: OffsetManager, { topic, partition }) {
  const [found] = await this.cluster.fetchTopicsOffset([
    { topic, partitions: [{ partition }], fromBeginning: true },
  ])
  this.resolvedOffsets[topic]![partition] = found!.partitions[0]!.offset
}

interface Coordinator {
  readonly groupId: string
  /** Given by producers, for their transactions and for the offsets in them; not by consumers. */
  readonly coordinatorType?: number
}
interface Cluster {
  findBroker(place: { readonly nodeId: string }): Promise<{ readonly nodeId: string }>
  findGroupCoordinator(wanted: Coordinator): Promise<{ readonly nodeId: string }>
  findLeaderForPartitions(
    topic: string,
    partitions: readonly (string | number)[],
  ): Readonly<Record<string, readonly number[]>>
}

/**
 * A producer that has not heard of a partition yet, as shortly after partitions were added, drops what is sent to it
 * without a word. With this error kafkajs asks for the metadata again and tries once more.
 */
const { prototype: cluster } = require('kafkajs/src/cluster') as { readonly prototype: Cluster }
const { KafkaJSMetadataNotLoaded } = require('kafkajs/src/errors') as {
  readonly KafkaJSMetadataNotLoaded: new (message: string) => Error
}
const { findLeaderForPartitions } = cluster
cluster.findLeaderForPartitions = function findAllLeaders(this: Cluster, topic, partitions) {
  const leaders = findLeaderForPartitions.call(this, topic, partitions)
  const found = Object.values(leaders).reduce((sum, { length }) => sum + length, 0)
  if (found < partitions.length)
    throw new KafkaJSMetadataNotLoaded(`${topic} has no partition among ${partitions.join(', ')} yet`)
  return leaders
}

/**
 * A producer asks who its coordinators are four times a transaction, nearly half of all its requests. They seldom
 * change; when one has, the transaction fails, and the producer that `TaskRunner` then opens asks anew.
 */
const coordinators = new WeakMap<Cluster, Map<string, string>>()
const { findGroupCoordinator } = cluster
cluster.findGroupCoordinator = async function findCoordinatorOnce(this: Cluster, wanted) {
  if (wanted.coordinatorType === undefined) return findGroupCoordinator.call(this, wanted)
  const known = coordinators.get(this) ?? new Map<string, string>()
  coordinators.set(this, known)
  const key = `${wanted.coordinatorType} ${wanted.groupId}`
  const nodeId = known.get(key)
  if (nodeId !== undefined) return this.findBroker({ nodeId })
  const broker = await findGroupCoordinator.call(this, wanted)
  known.set(key, broker.nodeId)
  return broker
}
