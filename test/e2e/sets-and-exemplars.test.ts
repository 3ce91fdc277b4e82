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
import { withoutInflux } from '../support/stack.ts'

const windowMs = 10_000
const begin = Math.floor(Date.now() / windowMs) * windowMs - 180_000
const seconds = begin / 1_000

type Row = Readonly<Record<string, unknown>>

/** Members of sets and traces of requests in, from two hosts whose partitions are read in any order; windows out. */
describe.skipIf(withoutInflux())('what has no samples', () => {
  const metric = `e2e_${Date.now().toString(36)}`
  let installation: Installation
  let rows: readonly Row[]

  beforeAll(async () => {
    installation = await install({
      TIDEMARK_AGGREGATOR_ROLL_UPS: JSON.stringify([{ metric: `${metric}_*`, by: [] }]),
    })
    const producer = await producerFor(installation)
    await Promise.all(
      (['normalizer', 'aggregator', 'influx-sink'] as const).map((name) => startService(installation, name)),
    )
    const users = (host: string, names: readonly string[]) =>
      names.map((name) => `${metric}_users:${name}|s|#host:${host}|T${seconds + 1}`).join('\n')
    const latency = (host: string, trace: string, value: number) =>
      `${metric}_latency{host="${host}"} ${value} ${begin + 1} # {trace_id="${trace}",span_id="${host}"} ${value}`
    const sent = {
      a: [users('a', ['alice', 'bob', 'alice']), users('a', ['alice']), latency('a', 'slow', 9)],
      b: [users('b', ['bob', 'carol']), latency('b', 'fast', 2), latency('b', 'faster', 1)],
    }
    for (const [key, values] of Object.entries(sent))
      await producer.send(
        installation.rawMetrics,
        values.map((value) => ({ key, value })),
      )
    await producer.close()
    rows = await eventually(
      () => windowsIn(installation, metric),
      (found) =>
        found.length === 6 &&
        found.some(({ distinct }) => distinct === 3) &&
        found.filter((row) => row.exemplar_value === 9).length === 2,
      60_000,
    )
  })
  afterAll(stopServices)

  const of = (name: string, host: string) =>
    rows.find((row) => row._measurement === `${metric}_${name}` && String(row.host ?? '') === host)

  it('of a set is the number of different members, of each host and of all', () => {
    expect(of('users', 'a')).toMatchObject({ distinct: 2, mean: 2, count: 0 })
    expect(of('users', 'b')).toMatchObject({ distinct: 2, mean: 2, count: 0 })
    expect(of('users.by_all', '')).toMatchObject({ distinct: 3, mean: 3, count: 0 })
  })

  it('of traced requests is the trace of the slowest, of each host and of all', () => {
    const slow = {
      exemplar_trace_id: 'slow',
      exemplar_span_id: 'a',
      exemplar_value: 9,
      exemplar_time: begin + 1,
    }
    expect(of('latency', 'a')).toMatchObject(slow)
    expect(of('latency', 'b')).toMatchObject({ exemplar_trace_id: 'fast', exemplar_value: 2 })
    expect(of('latency.by_all', '')).toMatchObject(slow)
  })
})

/** The windows of ten seconds, their fields as columns. */
async function windowsIn({ config }: Installation, metric: string): Promise<readonly Row[]> {
  const rows = await connectInflux(config.influx).query(
    `from(bucket: "${config.influx.bucket}") |> range(start: -1h, stop: 1h)
      |> filter(fn: (r) => r._measurement =~ /^${metric}/ and r.window == "10s")`,
  )
  const windows = new Map<string, Record<string, unknown>>()
  for (const { _field: field, _value: value, ...row } of rows) {
    const key = `${row._measurement} ${row.host} ${row._time}`
    const window = windows.get(key) ?? { ...row }
    window[String(field)] = value
    windows.set(key, window)
  }
  return [...windows.values()]
}
