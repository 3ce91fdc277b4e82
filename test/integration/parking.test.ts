import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { unpacked } from '../../shared/points/unpack.ts'
import { decodeCommitMetadata } from '../../shared/stream/commit-metadata.ts'
import { runCommand } from '../support/command.ts'
import {
  eventually,
  type Installation,
  install,
  producerFor,
  silent,
  startService,
  stopServices,
} from '../support/pipeline.ts'
import { readTopic } from '../support/read-topic.ts'

const perSecond = 25
const burst = 2 * perSecond
const noisy = 200
const quiet = 40

/** A tenant floods the pipeline, the normalizer dies meanwhile, and an operator lets in later what was too much. */
describe('a tenant beyond its quota', () => {
  let installation: Installation
  let admin: KafkaAdmin
  const parking = (...args: string[]) => runCommand(installation, ['parking', ...args])
  const values = async (tenant: string) =>
    (await readTopic(installation, installation.topics.points))
      .map(unpacked)
      .flatMap(({ series, seriesIndex, values }) =>
        [...values].filter((_, i) => series[seriesIndex[i]!]!.tags.some(({ value }) => value === tenant)),
      )
      .sort((one, other) => one - other)
  const parked = async () => (await readTopic(installation, installation.topics.parking)).length
  /** All that stands in the raw topic has been taken or parked. */
  const read = async () => {
    const { end } = (await admin.ranges(installation.rawMetrics)).get(0)!
    await eventually(
      () => admin.committed(`${installation.name}-normalizer`, installation.rawMetrics, 0),
      (found) => (decodeCommitMetadata(found?.metadata ?? '')?.emitted ?? 0) >= end,
    )
  }

  beforeAll(async () => {
    installation = await install({
      TIDEMARK_TOPICS_PARTITIONS: '1',
      TIDEMARK_NORMALIZER_TENANTS_FROM: 'header',
      TIDEMARK_NORMALIZER_TENANTS_BURST_SECONDS: '2',
      TIDEMARK_NORMALIZER_TENANTS_QUOTAS: JSON.stringify([{ tenant: 'noisy', pointsPerSecond: perSecond }]),
      TIDEMARK_AGGREGATOR_LATENESS_MS: '600000',
    })
    admin = await KafkaAdmin.open(installation.config.kafka, silent)
  })
  afterAll(async () => {
    await admin.close()
    await stopServices()
  })

  it('is parked and not lost, while others go on; and comes in later, each point once, in its own window', async () => {
    const time = Math.floor(Date.now() / 60_000 - 1) * 60_000
    const lines = (metric: string, tenant: string, from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => ({
        value: `${metric} v=${from + i} ${time + ((from + i) % 6) * 10_000}000000`,
        headers: { tenant },
      }))
    const producer = await producerFor(installation)
    await startService(installation, 'aggregator')
    const first = await startService(installation, 'normalizer')
    await producer.send(installation.rawMetrics, lines('m', 'noisy', 0, noisy / 2))
    await read()
    await first.kill()
    await startService(installation, 'normalizer')
    await producer.send(installation.rawMetrics, [
      ...lines('m', 'noisy', noisy / 2, noisy),
      ...lines('m', 'quiet', 0, quiet),
    ])
    await producer.close()
    await read()
    expect(await values('quiet')).toEqual(count(quiet))
    const before = await values('noisy')
    expect(before.slice(0, burst)).toEqual(count(burst))
    expect(before.length + (await parked())).toBe(noisy)

    const listed = JSON.parse((await parking('list', '--json')).stdout)
    expect(listed.groups).toMatchObject([
      {
        reason: 'quota_points',
        topic: installation.rawMetrics,
        producer: 'noisy',
        count: noisy - before.length,
      },
    ])
    const shown = await parking('show', listed.groups[0].example.position)
    expect(shown.stdout).toContain('tenant       noisy')
    expect((await parking('retry', '--tenant', 'quiet')).stdout).toContain('Re-driven: 0 parked records.')

    // All at once is too much again: some of it comes back, and a slower retry brings it in.
    const fast = await parking('retry', '--tenant', 'noisy')
    expect(fast.stdout).toContain(`Re-driven: ${noisy - before.length} parked records.`)
    await read()
    const again = (await parked()) - (noisy - before.length)
    expect(again).toBeGreaterThan(0)
    const slow = await parking('retry', '--rate', String(perSecond - 5))
    expect(slow.stdout).toContain(`Re-driven: ${again} parked records.`)
    expect(slow.stdout).toContain(`Left: ${noisy - before.length} were re-driven before`)
    await read()
    expect(await values('noisy')).toEqual(count(noisy))
    expect(await parked()).toBe(noisy - before.length + again)

    const wanted = (total: number) =>
      Object.fromEntries(
        [0, 1, 2, 3, 4, 5].map((tenth) => {
          const own = count(total).filter((value) => value % 6 === tenth)
          return [time + tenth * 10_000, [own.length, own.reduce((sum, value) => sum + value, 0)]]
        }),
      )
    const windows = { noisy: wanted(noisy), quiet: wanted(quiet) }
    expect(
      await eventually(lastWindows, (found) => JSON.stringify(found) === JSON.stringify(windows)),
    ).toEqual(windows)
  })

  /** By tenant and start: count and sum of the latest revision. */
  const lastWindows = async () => {
    const found = (await readTopic(installation, installation.topics.windows))
      .flatMap(({ windows }) => windows)
      .filter(({ sizeMs }) => sizeMs === 10_000)
      .sort((one, other) => one.start - other.start || one.revision - other.revision)
    const of = (tenant: string) =>
      Object.fromEntries(
        found
          .filter(({ series }) => series.tags.some(({ value }) => value === tenant))
          .map(({ start, count, sum }) => [start, [count, sum]]),
      )
    return { noisy: of('noisy'), quiet: of('quiet') }
  }
})

const count = (to: number) => Array.from({ length: to }, (_, i) => i)

/** Of windows up to an hour the first of which the present is near the beginning. */
const freshWindowMs = () => {
  const now = Date.now()
  for (let windowMs = 3_600_000; ; windowMs -= 1_000) if (now % windowMs < windowMs / 2) return windowMs
}

describe('a tenant with too many series', () => {
  let installation: Installation
  beforeAll(async () => {
    installation = await install({
      TIDEMARK_TOPICS_PARTITIONS: '1',
      TIDEMARK_NORMALIZER_TENANTS_FROM: 'tag',
      TIDEMARK_NORMALIZER_TENANTS_SERIES_WINDOW_MS: String(freshWindowMs()),
      TIDEMARK_NORMALIZER_TENANTS_QUOTAS: JSON.stringify([{ tenant: '*', series: 3 }]),
    })
  })
  afterAll(stopServices)

  it('goes on with those that it had shown before its normalizer died', async () => {
    const lines = (hosts: string) =>
      [...hosts].map((host) => `m,tenant=t,host=${host} v=1 ${Date.now()}000000`).join('\n')
    const producer = await producerFor(installation)
    const first = await startService(installation, 'normalizer')
    await producer.send(installation.rawMetrics, [{ value: lines('abcde') }])
    const parked = () => readTopic(installation, installation.topics.parking)
    await eventually(parked, ({ length }) => length === 1)
    await first.kill()
    await startService(installation, 'normalizer')
    await producer.send(installation.rawMetrics, [{ value: lines('edcba') }])
    await producer.close()
    const letters = await eventually(parked, ({ length }) => length === 2)
    expect(
      letters.map(({ reason, rejections }) => [
        reason,
        ...rejections.map(({ position, count }) => [position, count]),
      ]),
    ).toEqual([
      ['quota_series', [3, 2]],
      ['quota_series', [0, 2]],
    ])
    const hosts = (await readTopic(installation, installation.topics.points))
      .map(unpacked)
      .flatMap(({ series, seriesIndex }) =>
        seriesIndex.map((index) => series[index]!.tags.find(({ key }) => key === 'host')!.value),
      )
    expect(hosts).toEqual(['a', 'b', 'c', 'c', 'b', 'a'])
  })
})
