import { describe, expect, it } from 'vitest'
import { ecsOf, lineOf, tick } from '../../chaos/telemetry.ts'
import { seededRandom } from '../../support/random.ts'

const options = { metric: 'm', partitions: 3, disorderMs: 900, lateMs: 20_000, lateShare: 0.05 }
const now = 1_700_000_000_000

describe('tick', () => {
  const random = seededRandom(1)
  const ticks = Array.from({ length: 500 }, (_, i) => tick(options, random, now, 2 * i))
  const points = ticks.flatMap(({ metrics }) => metrics.flatMap((message) => message.points))

  it('is the same for the same seed', () => {
    expect(tick(options, seededRandom(5), now, 0)).toEqual(tick(options, seededRandom(5), now, 0))
  })

  it('is out of order within bounds, and sometimes late', () => {
    const ages = points.map(({ time }) => now - time)
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...ages)).toBeLessThan(20_000)
    const late = ages.filter((age) => age >= 900).length / ages.length
    expect(late).toBeGreaterThan(0.02)
    expect(late).toBeLessThan(0.08)
  })

  it('has values whose sums are exact', () => {
    expect(points.every(({ value }) => Number.isInteger(value * 4))).toBe(true)
  })

  it('has counters that always gain the same', () => {
    const readings = points.filter(({ metric }) => metric === 'm.uptime').sort((a, b) => a.time - b.time)
    expect(readings.length).toBe(points.length / 3)
    for (const [i, { time, value }] of readings.entries())
      if (i > 0) expect(value - readings[i - 1]!.value).toBe(time - readings[i - 1]!.time)
  })

  it('spreads series and partitions, and a series over several partitions', () => {
    expect(new Set(ticks.flatMap(({ metrics }) => metrics.map(({ partition }) => partition)))).toEqual(
      new Set([0, 1, 2]),
    )
    const ofHostA = ticks.flatMap(({ metrics }) =>
      metrics
        .filter((message) => message.points[0]!.tags[0]!.value === 'a')
        .map(({ partition }) => partition),
    )
    expect(new Set(ofHostA).size).toBe(3)
  })

  it('numbers the log events', () => {
    expect(ticks.flatMap(({ logs }) => logs.map(({ event }) => event.id))).toEqual(
      Array.from({ length: 1_000 }, (_, i) => i),
    )
  })
})

describe('what goes over the wire', () => {
  it('is line protocol for points', () => {
    const tags = [
      { key: 'host', value: 'a' },
      { key: 'region', value: 'east' },
    ]
    const points = [
      { metric: 'm.latency', tags, time: now, value: 1.25 },
      { metric: 'm.load', tags, time: now, value: -3 },
    ]
    expect(lineOf('m', points)).toBe('m,host=a,region=east latency=1.25,load=-3 1700000000000000000')
  })

  it('is ECS for log events', () => {
    expect(JSON.parse(ecsOf({ id: 7, time: now, service: 'api', message: 'hello' }))).toEqual({
      '@timestamp': '2023-11-14T22:13:20.000Z',
      message: 'hello',
      service: { name: 'api' },
      n: '7',
    })
  })
})
