import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectInflux } from '../../shared/influx/client.ts'
import {
  eventually,
  type Installation,
  install,
  producerFor,
  startService,
  stopServices,
} from '../support/pipeline.ts'
import { seededRandom } from '../support/random.ts'
import { withoutInflux } from '../support/stack.ts'

const windowMs = 10_000
const windowCount = 6

interface Sample {
  readonly series: string
  readonly time: number
  readonly value: number
}

/** Known line protocol in, windows out: read back with Flux and compared with what plain arithmetic says. */
describe.skipIf(withoutInflux())('metrics from Kafka to InfluxDB', () => {
  const measurement = `e2e_${Date.now().toString(36)}`
  const samples = makeSamples()
  let installation: Installation
  let rows: ReadonlyMap<string, Readonly<Record<string, number>>>

  beforeAll(async () => {
    installation = await install()
    const producer = await producerFor(installation)
    await Promise.all(
      (['normalizer', 'aggregator', 'influx-sink'] as const).map((name) => startService(installation, name)),
    )
    // Two hosts, so two partitions of the raw topic whose order among each other is anyone's guess.
    for (const chunk of chunksOf(samples, 200)) {
      await producer.send(
        installation.rawMetrics,
        chunk.map(({ series, time, value }) => ({
          key: series,
          value: `${measurement},host=${series} latency=${value} ${time}000000`,
        })),
      )
    }
    await producer.close()
    const expected = new Set(samples.map(identity)).size
    rows = await eventually(
      () => readWindows(installation, measurement),
      (found) => found.size === expected && total(found) === samples.length,
      60_000,
    )
  })
  afterAll(stopServices)

  it('has each window once', () => {
    expect([...rows.keys()].sort()).toEqual([...new Set(samples.map(identity))].sort())
  })

  it('has count, sum, min and max exactly, and percentiles within 1 %', () => {
    for (const [key, group] of Map.groupBy(samples, identity)) {
      const row = rows.get(key)!
      const values = group.map(({ value }) => value).sort((a, b) => a - b)
      expect(row, key).toMatchObject({
        count: values.length,
        min: values[0],
        max: values.at(-1),
        sum: exactSum(values),
      })
      expect(row.rate).toBe(values.length / (windowMs / 1000))
      for (const [field, q] of [
        ['p50', 0.5],
        ['p90', 0.9],
        ['p95', 0.95],
        ['p99', 0.99],
      ] as const) {
        const exact = values[Math.ceil(q * values.length - 1e-9) - 1]!
        expect(Math.abs(row[field]! - exact) / exact, `${field} of ${key}`).toBeLessThanOrEqual(0.01)
      }
    }
  })

  /** Three series: 300 samples a window, which needs bins; 40, which are exact; and one alone. */
  function makeSamples(): readonly Sample[] {
    const random = seededRandom(20_240_601)
    const begin = Math.floor(Date.now() / windowMs) * windowMs - 180_000
    const perWindow = { many: 300, some: 40, one: 1 }
    const made = Object.entries(perWindow).flatMap(([series, count]) =>
      Array.from({ length: windowCount * count }, (_, i): Sample => {
        const value = Number(Math.exp(random() * 6).toFixed(3))
        return { series, time: begin + Math.floor((i * windowMs) / count), value }
      }),
    )
    return made.sort((a, b) => a.time - b.time)
  }
})

const identity = ({ series, time }: Sample) => `${series}@${Math.floor(time / windowMs) * windowMs}`
const total = (rows: ReadonlyMap<string, Readonly<Record<string, number>>>) =>
  [...rows.values()].reduce((sum, { count }) => sum + (count ?? 0), 0)

/** The double nearest to the exact sum: in integers of 2^-80, of which each of these values is a multiple. */
const exactSum = (values: readonly number[]) =>
  Number(values.reduce((sum, value) => sum + BigInt(value * 2 ** 80), 0n)) / 2 ** 80

async function readWindows({ config }: Installation, measurement: string) {
  const rows = await connectInflux(config.influx).query(
    `from(bucket: "${config.influx.bucket}") |> range(start: -1h, stop: 1h)
      |> filter(fn: (r) => r._measurement == "${measurement}.latency" and r.window == "10s")
      |> map(fn: (r) => ({ r with _value: float(v: r._value) }))
      |> pivot(rowKey: ["_time", "host"], columnKey: ["_field"], valueColumn: "_value")`,
  )
  return new Map(
    rows.map((row) => [
      `${row.host}@${Date.parse(String(row._time))}`,
      row as Readonly<Record<string, number>>,
    ]),
  )
}

function* chunksOf<T>(list: readonly T[], size: number): Generator<readonly T[]> {
  for (let from = 0; from < list.length; from += size) yield list.slice(from, from + size)
}
