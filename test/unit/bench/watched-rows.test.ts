import { expect, it } from 'vitest'
import { markersOf, readable, rowsAt } from '../../../bench/harness/watched-rows.ts'
import { seriesKey, seriesPartition } from '../../../shared/series/series.ts'

const markers = markersOf(200, 4)

it('watches three series of each partition, the first among them', () => {
  const partitions = markers.map(({ metric, host, partition }) => {
    const key = seriesKey({ metric, tags: [{ key: 'host', value: host }] })
    expect(seriesPartition(key, 4)).toBe(partition)
    return partition
  })
  expect(partitions).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
  expect(new Set(markers.map(({ metric, host }) => `${metric} ${host}`)).size).toBe(12)
  expect(markers.some(({ host }) => host === 'node-000000')).toBe(true)
})

it('waits for the windows of each length that ends', () => {
  const sizes = (end: number) =>
    rowsAt(end, [10_000, 60_000], markers.slice(0, 1)).map(({ sizeMs }) => sizeMs)
  expect(sizes(130_000)).toEqual([10_000])
  expect(sizes(120_000)).toEqual([10_000, 60_000])
})

it('tells windows of one start apart by their length', async () => {
  const [short, long] = [
    ...rowsAt(70_000, [10_000], markers.slice(0, 1)),
    ...rowsAt(120_000, [60_000], markers.slice(0, 1)),
  ]
  const { metric, host } = markers[0]!
  const row = { _measurement: metric, host, window: '1m', _time: new Date(60_000).toISOString() }
  const client = { query: async () => [row] }
  expect(await readable(client, 'bucket', new Set([short!, long!]))).toEqual([long])
})
