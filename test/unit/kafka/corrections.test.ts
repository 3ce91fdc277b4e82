import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { withoutAborted } from '../../../shared/kafka/corrections.ts'

const data = (offset: number, producerId: string, inTransaction = true) => ({
  offset: String(offset),
  key: null,
  isControlRecord: false,
  batchContext: { producerId, inTransaction },
})
const marker = (offset: number, producerId: string, type: 'abort' | 'commit') => ({
  offset: String(offset),
  key: Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1]),
  isControlRecord: true,
  batchContext: { producerId, inTransaction: true },
})
const kept = (
  messages: Parameters<typeof withoutAborted>[0]['messages'],
  aborted: readonly (readonly [string, number])[],
) =>
  withoutAborted({
    messages,
    abortedTransactions: aborted.map(([producerId, offset]) => ({ producerId, firstOffset: String(offset) })),
  })
    .filter(({ isControlRecord }) => !isControlRecord)
    .map(({ offset }) => Number(offset))

describe('withoutAborted', () => {
  it('leaves out what an aborted transaction wrote, up to its marker', () => {
    expect(
      kept(
        [data(1, 'a'), data(2, 'b'), marker(3, 'a', 'abort'), data(4, 'a'), marker(5, 'b', 'commit')],
        [['a', 1]],
      ),
    ).toEqual([2, 4])
  })

  it('knows several that had begun before the first message', () => {
    expect(
      kept(
        [data(10, 'b'), data(11, 'a'), data(12, 'c')],
        [
          ['a', 3],
          ['b', 5],
        ],
      ),
    ).toEqual([12])
  })

  it('does not depend on the order in which the broker lists them', () => {
    expect(
      kept(
        [data(1, 'a'), data(2, 'b'), marker(3, 'b', 'abort'), marker(4, 'a', 'abort')],
        [
          ['b', 2],
          ['a', 1],
        ],
      ),
    ).toEqual([])
  })

  it('takes two aborted transactions of the same producer', () => {
    expect(
      kept(
        [
          data(1, 'a'),
          marker(2, 'a', 'abort'),
          data(3, 'a'),
          marker(4, 'a', 'commit'),
          data(5, 'a'),
          marker(6, 'a', 'abort'),
        ],
        [
          ['a', 1],
          ['a', 5],
        ],
      ),
    ).toEqual([3])
  })

  it('lets records outside of transactions through, and data whose key looks like a marker', () => {
    const lookalike = { ...data(2, 'a'), key: Buffer.from([0, 0, 0, 0]) }
    expect(kept([data(1, 'a', false), lookalike, data(3, 'a')], [['a', 1]])).toEqual([1])
  })
})

const require = createRequire(import.meta.url)
const prototypeOf = (path: string): object =>
  (require(`kafkajs/src/${path}`) as { readonly prototype: object }).prototype

describe('the cluster', () => {
  const leaders = new Map([
    [0, 1],
    [1, 2],
  ])
  /** A cluster whose coordinator is broker 1, then 2, and so on. */
  const cluster = () => {
    let asked = 0
    return Object.assign(Object.create(prototypeOf('cluster')), {
      retrier: (attempt: (bail: (error: Error) => never) => Promise<unknown>) =>
        attempt((error) => {
          throw error
        }),
      findGroupCoordinatorMetadata: async () => ({ coordinator: { nodeId: String(++asked) } }),
      findBroker: async ({ nodeId }: { nodeId: string }) => ({ nodeId }),
      findTopicPartitionMetadata: () =>
        [...leaders].map(([partitionId, leader]) => ({ partitionId, leader })),
    })
  }

  it('is asked once for the coordinator of a transaction, and each time for that of a member', async () => {
    const one = cluster()
    const find = async (groupId: string, coordinatorType?: number) =>
      (await one.findGroupCoordinator({ groupId, coordinatorType })).nodeId
    expect([await find('t', 1), await find('t', 1)]).toEqual(['1', '1'])
    expect([await find('t', 0), await find('u', 1), await find('t', 1)]).toEqual(['2', '3', '1'])
    expect([await find('t'), await find('t')]).toEqual(['4', '5'])
    expect((await cluster().findGroupCoordinator({ groupId: 't', coordinatorType: 1 })).nodeId).toBe('1')
  })

  it('does not leave out a partition that it has not heard of', () => {
    expect(cluster().findLeaderForPartitions('t', ['0', '1'])).toEqual({ 1: [0], 2: [1] })
    expect(() => cluster().findLeaderForPartitions('t', ['1', '2'])).toThrow(
      expect.objectContaining({ name: 'KafkaJSMetadataNotLoaded', retriable: true }),
    )
  })
})

describe('an offset that retention has passed', () => {
  it('goes on with the first record that is left, and commits nothing', async () => {
    const offsets = Object.assign(Object.create(prototypeOf('consumer/offsetManager')), {
      resolvedOffsets: { t: { 3: '5' } },
      cluster: {
        fetchTopicsOffset: async () => [{ topic: 't', partitions: [{ partition: 3, offset: '40' }] }],
      },
    })
    await offsets.setDefaultOffset({ topic: 't', partition: 3 })
    expect(offsets.resolvedOffsets).toEqual({ t: { 3: '40' } })
  })
})
