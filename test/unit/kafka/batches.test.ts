import { describe, expect, it } from 'vitest'
import { batches } from '../../../shared/kafka/transactional-producer.ts'

const record = (topic: string, partition: number, bytes: number) => ({
  topic,
  partition,
  key: null,
  value: Buffer.alloc(bytes, partition),
})
const shape = (records: Parameters<typeof batches>[0]) =>
  [...batches(records)].map((request) =>
    request.map(({ topic, messages }) => [
      topic,
      messages.map(({ partition, value }) => [partition, value?.length]),
    ]),
  )

describe('batches', () => {
  it('keeps what is small together', () => {
    expect(shape([record('a', 0, 10), record('b', 1, 20), record('a', 0, 30)])).toEqual([
      [
        [
          'a',
          [
            [0, 10],
            [0, 30],
          ],
        ],
        ['b', [[1, 20]]],
      ],
    ])
  })

  it('begins a new request when a partition would get too much in one batch', () => {
    expect(shape([record('a', 0, 600_000), record('a', 1, 600_000), record('a', 0, 600_000)])).toEqual([
      [
        [
          'a',
          [
            [0, 600_000],
            [1, 600_000],
          ],
        ],
      ],
      [['a', [[0, 600_000]]]],
    ])
  })

  it('lets a record that is larger than that through alone', () => {
    expect(shape([record('a', 0, 5_000_000), record('a', 0, 1)])).toEqual([
      [['a', [[0, 5_000_000]]]],
      [['a', [[0, 1]]]],
    ])
  })

  it('makes no request of nothing', () => {
    expect(shape([])).toEqual([])
  })
})
