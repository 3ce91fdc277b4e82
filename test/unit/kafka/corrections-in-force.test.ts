import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
// As services are loaded: what is corrected must not depend on which file of shared/kafka comes first.
import '../../../shared/stream/worker.ts'

const require = createRequire(import.meta.url)

interface FetchedBatch {
  readonly messages: readonly { readonly offset: string }[]
}

it('kafkajs leaves out the records of aborted transactions, in whatever order the broker lists them', () => {
  const Batch = require('kafkajs/src/consumer/batch') as new (...args: readonly unknown[]) => FetchedBatch
  const message = (offset: number, producerId: string, key: Buffer | null = null) => ({
    offset: String(offset),
    position: offset,
    key,
    isControlRecord: key !== null,
    batchContext: { producerId, inTransaction: true },
  })
  const abort = Buffer.from([0, 0, 0, 0])
  const batch = new Batch('topic', '0', {
    partition: 0,
    highWatermark: '5',
    // By their ends, as a broker does it.
    abortedTransactions: [
      { producerId: 'b', firstOffset: '1' },
      { producerId: 'a', firstOffset: '0' },
    ],
    messages: [
      message(0, 'a'),
      message(1, 'b'),
      message(2, 'b', abort),
      message(3, 'a', abort),
      message(4, 'a'),
    ],
  })
  expect(batch.messages.map(({ offset }) => offset)).toEqual(['4'])
})
