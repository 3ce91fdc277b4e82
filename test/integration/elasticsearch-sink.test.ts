import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { elasticsearchSinkSection } from '../../services/elasticsearch-sink/config.ts'
import {
  anomalyDocument,
  incidentDocument,
  logDocument,
  windowDocument,
} from '../../services/elasticsearch-sink/documents.ts'
import { ElasticsearchSinkTask } from '../../services/elasticsearch-sink/elasticsearch-sink-task.ts'
import { templatesOf } from '../../services/elasticsearch-sink/templates.ts'
import type { LogBatch, LogRecord } from '../../shared/avro/types.ts'
import { connectElasticsearch } from '../../shared/elasticsearch/client.ts'
import { elasticsearchSection } from '../../shared/elasticsearch/config.ts'
import { RetryableError } from '../../shared/errors.ts'
import { begin, run, seriesOf, settings, written } from '../support/aggregator.ts'
import { anyAnomaly } from '../support/any-anomaly.ts'
import { RecordingOutput } from '../support/recording-output.ts'
import { stack } from '../support/stack.ts'
import { noSignal, record, taskContext } from '../support/task-context.ts'

const time = Date.UTC(2026, 0, 31, 23, 59, 59, 999)
const log = (id: string, more: Partial<LogRecord> = {}): LogRecord => ({
  id,
  time,
  service: 's',
  host: 'h',
  level: 'info',
  message: `message ${id}`,
  traceId: null,
  spanId: null,
  attributes: {},
  ...more,
})
const source = { topic: 'raw', partition: 0, firstOffset: 0, lastOffset: 0, lastTimestamp: 0, partitions: 0 }

describe('the Elasticsearch sink on a real server', () => {
  const prefix = `sink${randomBytes(4).toString('hex')}`
  const config = elasticsearchSection.schema.parse({ url: stack().elasticsearch.url, indexPrefix: prefix })
  const client = connectElasticsearch(config)
  const sinkSettings = elasticsearchSinkSection.schema.parse({ windows: true })

  beforeAll(async () => {
    for (const [name, template] of templatesOf(prefix, sinkSettings)) await client.putTemplate(name, template)
    // Installing them again changes nothing.
    for (const [name, template] of templatesOf(prefix, sinkSettings)) await client.putTemplate(name, template)
  })

  async function write(logs: readonly LogRecord[], more = sinkSettings): Promise<RecordingOutput> {
    const out = new RecordingOutput()
    const task = new ElasticsearchSinkTask(
      more,
      client,
      (batch: LogBatch) => batch.logs.map((one) => logDocument(prefix, one)),
      taskContext(),
    )
    await task.process([record(0, { source, logs, packed: null })], out, noSignal)
    return out
  }
  const find = (query: object) => client.search<{ readonly _id: string }>(`${prefix}-*`, query, 100)

  it('writes a log once, however often it is written, into the index of its day', async () => {
    await write([log('once')])
    await write([log('once'), log('next', { time: time + 1 })])
    expect((await client.search(`${prefix}-logs-2026.01.31`, { match_all: {} }, 10)).total).toBe(1)
    expect((await client.search(`${prefix}-logs-2026.02.01`, { match_all: {} }, 10)).total).toBe(1)
  })

  it('does not let keys of strangers grow the mapping, nor their sizes break it', async () => {
    const attributes = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`key.${i}`, String(i)]))
    expect(
      (
        await write([
          log('wide', { attributes }),
          log('long', { message: 'x'.repeat(100_000), attributes: { long: 'y'.repeat(50_000) } }),
        ])
      ).rejected,
    ).toEqual([])
    expect((await find({ term: { 'attributes.key.1999': '1999' } })).documents.map(({ _id }) => _id)).toEqual(
      ['wide'],
    )
    expect((await find({ ids: { values: ['long'] } })).total).toBe(1)
  })

  it('writes the good among bad documents, and refuses the bad with the server’s reason', async () => {
    const out = await write([log('good-1'), log('i'.repeat(600)), log('good-2'), log('good-3')])
    expect((await find({ ids: { values: ['good-1', 'good-2', 'good-3'] } })).total).toBe(3)
    expect(out.rejected).toMatchObject([
      {
        reason: 'refused_by_elasticsearch',
        refusals: [{ position: 1, detail: expect.stringContaining('Validation Failed') }],
      },
    ])
  })

  it('cuts what is large into several requests', async () => {
    const many = Array.from({ length: 250 }, (_, i) =>
      log(`many-${i}`, { message: `many ${'x'.repeat(1_000)}` }),
    )
    await write(many, { ...sinkSettings, maxDocuments: 100, maxRequestBytes: 65_536 })
    expect((await find({ match: { message: 'many' } })).total).toBe(250)
  })

  it('writes an incident of several series, found by what explains it', async () => {
    const series = anyAnomaly({ metric: 'cpu', tags: [{ key: 'host', value: 'b' }] }).series
    const outcomes = await client.bulk([
      incidentDocument(prefix, {
        id: 'together',
        revision: 0,
        state: 'closed',
        scope: [{ key: 'tenant', value: 't' }],
        start: time,
        end: time + 60_000,
        severity: 'critical',
        series: 3,
        metrics: 1,
        openSeries: 0,
        causes: [{ key: 'service', value: 'shop', series: 3, share: 0.01, gain: 13.8 }],
        members: [
          {
            anomalyId: 'x',
            series,
            statistic: 'mean',
            kind: 'spike',
            severity: 'critical',
            start: time,
            likelihood: 1,
            score: Number.POSITIVE_INFINITY,
            isOver: true,
          },
        ],
        message: '3 series of 1 metric were not as expected',
      }),
    ])
    expect(outcomes.map(({ kind }) => kind)).toEqual(['written'])
    const { documents } = await client.search(
      `${prefix}-incidents-2026.01`,
      { bool: { filter: [{ term: { 'causes.value': 'shop' } }, { term: { 'members.tags.host': 'b' } }] } },
      10,
    )
    expect(documents).toMatchObject([{ series: 3, scope: { tenant: 't' }, members: [{ score: null }] }])
  })

  it('replaces an anomaly by that of a later revision, and not by that of an earlier one', async () => {
    const deploy = { id: 'd', at: time - 1_000, text: 'shop 2.14', share: 0.1 }
    const some = anyAnomaly({ metric: 'cpu', tags: [{ key: 'host', value: 'a' }], start: time })
    const anomaly = { ...some, deploy }
    const outcomes = await client.bulk(
      [1, 2, 0].map((revision) =>
        anomalyDocument(prefix, { ...anomaly, revision, value: revision, limit: 16, reachesLimitAt: time }),
      ),
    )
    expect(outcomes.map(({ kind }) => kind)).toEqual(['written', 'written', 'present'])
    expect(
      (await client.search(`${prefix}-anomalies-2026.01`, { term: { 'tags.host': 'a' } }, 10)).documents,
    ).toMatchObject([
      {
        ...{ value: 2, metric: 'cpu', state: 'open', revision: 2 },
        limit: { value: 16, reached: new Date(time).toISOString(), earliest: null },
        deploy: { id: 'd', at: new Date(time - 1_000).toISOString(), text: 'shop 2.14' },
      },
    ])
  })

  it('writes a window into the index of its day, found by what it is, and keeps its highest revision', async () => {
    const long = 'x'.repeat(2_000)
    const series = seriesOf('cpu', { host: 'a', long })
    const { windows } = run(settings({ latenessMs: 60_000 }), [
      ...written(
        [{ series, at: 1, value: 3 }],
        [{ series, at: 13, value: 0 }],
        [{ series, at: 2, value: 4 }],
      ),
    ])
    const [first, revised] = windows
    const day = new Date(begin).toISOString().slice(0, 10).replaceAll('-', '.')
    const items = [first!, revised!, first!].map((window) => windowDocument(prefix, window))
    expect((await client.bulk(items)).map(({ kind }) => kind)).toEqual(['written', 'written', 'present'])
    const { documents } = await client.search(
      `${prefix}-windows-${day}`,
      {
        bool: {
          filter: [
            { term: { metric: 'cpu' } },
            { term: { 'tags.host': 'a' } },
            { range: { p99: { gte: 4 } } },
          ],
        },
      },
      10,
    )
    expect(documents).toMatchObject([
      {
        '@timestamp': new Date(begin).toISOString(),
        metric: 'cpu',
        tags: { host: 'a', long },
        window: { size_ms: 10_000, step_ms: 10_000 },
        count: 2,
        sum: 7,
        revision: 1,
      },
    ])
  })

  it('writes the members of a set, and an exemplar with its trace', async () => {
    const some = run(settings(), [...written([{ series: seriesOf('s'), at: 1, value: 1 }]), 'quiet'])
      .windows[0]!
    const exemplar = { traceId: 'abc', spanId: null, value: 7, time: begin + 1_500 }
    const outcomes = await client.bulk([windowDocument(prefix, { ...some, distinct: 3, exemplar })])
    expect(outcomes.map(({ kind }) => kind)).toEqual(['written'])
    const { documents } = await client.search(
      `${prefix}-windows-*`,
      { bool: { filter: [{ term: { 'exemplar.trace.id': 'abc' } }, { range: { distinct: { gte: 3 } } }] } },
      10,
    )
    expect(documents).toMatchObject([
      {
        distinct: 3,
        exemplar: { trace: { id: 'abc' }, value: 7, time: new Date(begin + 1_500).toISOString() },
      },
    ])
  })

  it('tells what a window has no figure for as nothing', async () => {
    const ratio = {
      ...run(settings(), [...written([{ series: seriesOf('r'), at: 1, value: 1 }]), 'quiet']).windows[0]!,
    }
    const empty = {
      ...ratio,
      count: 0,
      p99: Number.NaN,
      sum: Number.NaN,
      numerator: 1,
      denominator: 4,
      mean: 0.25,
    }
    const outcomes = await client.bulk([windowDocument(prefix, empty)])
    expect(outcomes.map(({ kind }) => kind)).toEqual(['written'])
    const { documents } = await client.search(`${prefix}-windows-*`, { term: { metric: 'r' } }, 10)
    expect(documents).toMatchObject([{ p99: null, sum: null, mean: 0.25, numerator: 1, denominator: 4 }])
    expect(documents[0]).not.toHaveProperty('increase')
  })

  it('asks to try again when the server is away, in a sentence', async () => {
    const failure = await connectElasticsearch({ ...config, url: 'http://127.0.0.1:1' })
      .bulk([logDocument(prefix, log('x'))])
      .catch((error: Error) => error)
    expect(failure).toBeInstanceOf(RetryableError)
    expect((failure as Error).message).toMatch(/writing to http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/)
  })
})
