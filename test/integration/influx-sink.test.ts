import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { influxSinkSection } from '../../services/influx-sink/config.ts'
import { InfluxSinkTask } from '../../services/influx-sink/influx-sink-task.ts'
import { anomalyLine, expectationLine, windowLine } from '../../services/influx-sink/lines.ts'
import type { Expectation, Tag, Window, WindowBatch } from '../../shared/avro/types.ts'
import { RetryableError } from '../../shared/errors.ts'
import { connectInflux } from '../../shared/influx/client.ts'
import { influxSection } from '../../shared/influx/config.ts'
import { histogramOf, run, seriesOf, settings, written } from '../support/aggregator.ts'
import { anyAnomaly } from '../support/any-anomaly.ts'
import { RecordingOutput } from '../support/recording-output.ts'
import { stack, withoutInflux } from '../support/stack.ts'
import { noSignal, record, taskContext } from '../support/task-context.ts'

const start = Math.floor(Date.now() / 10_000) * 10_000
const window = (metric: string, tags: readonly Tag[], more: Partial<Window> = {}): Window => ({
  series: { metric, tags, kind: 'gauge', unit: '' },
  start,
  sizeMs: 10_000,
  revision: 0,
  count: 2,
  sum: 3.5,
  min: 1,
  max: 2.5,
  mean: 1.75,
  rate: 0.2,
  p50: 1,
  p90: 2.5,
  p95: 2.5,
  p99: 2.5,
  stepMs: 10_000,
  increase: null,
  numerator: null,
  denominator: null,
  distinct: null,
  members: null,
  exemplar: null,
  sketch: new Uint8Array(),
  ...more,
})

describe.skipIf(withoutInflux())('the InfluxDB sink on a real server', () => {
  const config = influxSection.schema.parse({ ...stack().influx })
  const client = connectInflux(config)
  const name = () => `sink_${randomBytes(4).toString('hex')}`

  async function write(windows: readonly Window[]): Promise<RecordingOutput> {
    const out = new RecordingOutput()
    const task = new InfluxSinkTask(
      influxSinkSection.schema.parse({}),
      client,
      (batch: WindowBatch) =>
        batch.windows.map((one) => ({ line: windowLine(one), corrects: one.revision > 0 })),
      taskContext(),
    )
    await task.process([record(0, { windows, source: null, marker: null })], out, noSignal)
    return out
  }
  const read = (measurement: string, field: string) =>
    client.query(
      `from(bucket: "${config.bucket}") |> range(start: -1h, stop: 1h) |> filter(fn: (r) => r._measurement =~ /^${measurement.split(' ')[0]}/ and r._field == "${field}") |> group()`,
    )
  const fieldsOf = async (measurement: string) => {
    const rows = await client.query(
      `from(bucket: "${config.bucket}") |> range(start: -1h, stop: 1h) |> filter(fn: (r) => r._measurement == "${measurement}")`,
    )
    return Object.fromEntries(rows.map(({ _field, _value }) => [_field, _value]))
  }

  it('writes a window once, however often it is written, and a revision over it', async () => {
    const metric = name()
    await write([window(metric, [{ key: 'host', value: 'a' }])])
    await write([window(metric, [{ key: 'host', value: 'a' }])])
    await write([window(metric, [{ key: 'host', value: 'a' }], { revision: 1, count: 3 })])
    expect(await read(metric, 'count')).toMatchObject([{ _value: 3, host: 'a', window: '10s' }])
    expect(await read(metric, 'revision')).toMatchObject([{ _value: 1 }])
    expect(await read(metric, 'sum')).toMatchObject([{ _value: 3.5 }])
  })

  it('leaves no old percentile behind when a late reading leaves a window without samples', async () => {
    const metric = name()
    const series = seriesOf(metric, { host: 'a' }, 'counter')
    const reading = (at: number, upTo10: number) => ({
      series,
      at,
      value: histogramOf({ counts: [1, upTo10, 0, 0], sum: upTo10 * 5 }),
    })
    const tick = { series: seriesOf(`${metric}_tick`), at: 32, value: 0 }
    // All that was gained up to the reading at 25 s was gained by 15 s already.
    const { windows } = run(settings(), written([reading(5, 0), reading(25, 3)], [tick], [reading(15, 3)]))
    const [first, ...revisions] = windows.map((one) => ({ ...one, start }))
    await write([first!])
    expect(await fieldsOf(metric)).toMatchObject({ count: 3, sum: 15, p99: expect.any(Number) })
    const emptied = revisions.filter(({ count }) => count === 0)
    expect(emptied).toHaveLength(1)
    await write(emptied)
    const figures = ['sum', 'min', 'max', 'mean', 'rate', 'p50', 'p90', 'p95', 'p99', 'increase']
    expect(await fieldsOf(metric)).toEqual({
      ...Object.fromEntries(figures.map((figure) => [figure, 0])),
      count: 0,
      revision: 1,
    })
  })

  it('leaves no old quotient behind when a ratio has lost its denominator', async () => {
    const metric = name()
    const nothing = Number.NaN
    const ratio = {
      count: 0,
      sum: nothing,
      min: nothing,
      max: nothing,
      rate: nothing,
      p50: nothing,
      p90: nothing,
    }
    const parts = (numerator: number, denominator: number, revision: number) =>
      window(metric, [], {
        ...ratio,
        p95: nothing,
        p99: nothing,
        mean: numerator / denominator,
        numerator,
        denominator,
        revision,
      })
    await write([parts(1, 2, 0)])
    expect(await fieldsOf(metric)).toEqual({ count: 0, mean: 0.5, numerator: 1, denominator: 2, revision: 0 })
    await write([parts(0, 0, 1)])
    expect(await fieldsOf(metric)).toEqual({ count: 0, mean: 0, numerator: 0, denominator: 0, revision: 1 })
  })

  it('stores how many different members a set has, and nothing of samples', async () => {
    const metric = name()
    const nothing = Number.NaN
    const samples = { count: 0, sum: nothing, min: nothing, max: nothing, rate: nothing }
    const quantiles = { p50: nothing, p90: nothing, p95: nothing, p99: nothing }
    const members = Buffer.from('010000000000000100000000000a', 'hex')
    await write([window(metric, [], { ...samples, ...quantiles, mean: 2, distinct: 2, members })])
    expect(await fieldsOf(metric)).toEqual({ count: 0, mean: 2, distinct: 2, revision: 0 })
  })

  it('stores a sum beyond all doubles as the largest one', async () => {
    const metric = name()
    await write([window(metric, [], { sum: Infinity, mean: -Infinity })])
    expect(await fieldsOf(metric)).toMatchObject({ sum: Number.MAX_VALUE, mean: -Number.MAX_VALUE })
  })

  it.each([
    ['spaces, commas, equals signs and quotes', 'a b,c=d "e" \'f\''],
    ['any script, and emoji', 'naïve 東京 🎉 שלום'],
    ['backslashes within', 'C:\\dir\\file x'],
    ['control characters', 'a\u0001b\u007f'],
  ])('keeps %s in metrics and tags', async (_, text) => {
    const metric = `${name()} ${text}`
    expect((await write([window(metric, [{ key: `k ${text}`, value: text }])])).rejected).toEqual([])
    const [row] = await read(metric, 'count')
    expect(row).toMatchObject({ [`k ${text}`]: text, _value: 2 })
  })

  it('spells out what line protocol can’t carry', async () => {
    const metric = name()
    await write([
      window(metric, [
        { key: 'breaks', value: 'a\nb\tc' },
        { key: 'end', value: 'x\\' },
        { key: 'before', value: 'a\\,b\\ c\\\\=d' },
        { key: 'window', value: 'mine' },
      ]),
    ])
    expect(await read(metric, 'count')).toMatchObject([
      { breaks: 'a\\nb\\tc', end: 'x\\_', before: 'a\\_,b\\_ c\\\\_=d', window_: 'mine', window: '10s' },
    ])
  })

  it('writes the good among bad lines, and refuses the bad with the server’s reason', async () => {
    const metric = name()
    const windows = Array.from({ length: 9 }, (_, i) =>
      // InfluxDB knows times up to the year 2262.
      window(metric, [{ key: 'i', value: String(i) }], i === 4 ? { start: 1e13 } : {}),
    )
    const out = await write(windows)
    expect((await read(metric, 'count')).map(({ i }) => Number(i)).sort()).toEqual([0, 1, 2, 3, 5, 6, 7, 8])
    expect(out.rejected).toMatchObject([
      { reason: 'refused_by_influxdb', refusals: [{ position: 4, detail: expect.stringMatching(/\w/) }] },
    ])
  })

  it('writes anomalies, a revision over the one before', async () => {
    const anomaly = {
      ...anyAnomaly({ metric: name(), tags: [{ key: 'metric', value: 'mine' }], start }),
      ...{ limit: 16, reachesLimitAt: 4, reachesLimitEarliest: 3, reachesLimitLatest: 5 },
      deploy: { id: 'd', at: start, text: '', share: 1 },
    }
    const message = 'fell to -9,\n"normal" is C:\\0 to 2'
    const last = {
      ...({ ...anomaly, revision: 1, state: 'closed', direction: 'below', value: -9, message } as const),
      ...{ limit: null, reachesLimitAt: null, reachesLimitEarliest: null, reachesLimitLatest: null },
    }
    await client.write([anomalyLine(anomaly), anomalyLine(last)], { mayEnd: () => true })
    const rows = await client.query(
      `from(bucket: "${config.bucket}") |> range(start: -1h, stop: 1h) |> filter(fn: (r) => r._measurement == "tidemark_anomalies" and r.metric == "${anomaly.series.metric}") |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value") |> group()`,
    )
    expect(rows).toMatchObject([
      {
        metric_: 'mine',
        statistic: 'mean',
        model: 'robust-z-score',
        state: 'closed',
        severity_level: 2,
        direction: -1,
        value: -9,
        reaches_limit_at: 0,
        deploy: 'd',
        message: message.replace('\n', '\\n'),
      },
    ])
  })

  it('writes what was expected beside the window', async () => {
    const metric = name()
    const one = window(metric, [{ key: 'host', value: 'a' }])
    const expectation: Expectation = {
      series: one.series,
      windowStart: one.start,
      windowSizeMs: one.sizeMs,
      statistic: 'mean',
      expected: 2,
      lower: 1,
      upper: Number.POSITIVE_INFINITY,
      score: 0.5,
      likelihood: 0.1,
      isCorrection: false,
    }
    await client.write([windowLine(one), expectationLine(expectation)], { mayEnd: () => true })
    const rows = await client.query(
      `from(bucket: "${config.bucket}") |> range(start: -1h, stop: 1h) |> filter(fn: (r) => r._measurement == "${metric}") |> toFloat() |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value") |> group()`,
    )
    expect(rows).toMatchObject([
      {
        host: 'a',
        window: '10s',
        mean: one.mean,
        mean_expected: 2,
        mean_lower: 1,
        mean_upper: Number.MAX_VALUE,
      },
    ])
  })

  it('takes a request back that it may not end, and the server has nothing of it', async () => {
    const metric = name()
    const lines = (revision: number) =>
      Array.from({ length: 5_000 }, (_, i) =>
        windowLine(window(metric, [{ key: 'i', value: String(i) }], { revision })),
      )
    expect(await client.write(lines(1), { mayEnd: () => true })).toEqual({ written: true })
    const questions: string[] = []
    const old = client.write(lines(0), { mayEnd: () => questions.push('asked') < 0 })
    await expect(old).rejects.toThrow(RetryableError)
    await expect(old).rejects.toThrow(/was taken back/)
    expect(questions).toEqual(['asked'])
    // The server goes on with others' requests after the broken one.
    expect(await client.write([windowLine(window(name(), []))], { mayEnd: () => true })).toEqual({
      written: true,
    })
    const rows = await read(metric, 'revision')
    expect(rows.map(({ _value }) => _value)).toEqual(Array(5_000).fill(1))
  })

  it.each([
    ['the server is away', { url: 'http://127.0.0.1:1' }, /127\.0\.0\.1:1/],
    ['the token is wrong', { token: 'secret-but-wrong' }, /refuses the token \(401\)/],
    ['there is no such bucket', { bucket: 'nowhere' }, /no such organization or bucket/],
  ])('asks to try again when %s, in a sentence without the token', async (_, wrong, sentence) => {
    const failure = await connectInflux({ ...config, ...wrong })
      .write(['m v=1 1'], { mayEnd: () => true })
      .catch((error: Error) => error)
    expect(failure).toBeInstanceOf(RetryableError)
    expect((failure as Error).message).toMatch(sentence)
    expect((failure as Error).message).not.toContain('secret-but-wrong')
  })
})
