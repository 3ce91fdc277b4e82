import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Window } from '../../shared/avro/types.ts'
import type { Producer } from '../../shared/kafka/producer.ts'
import {
  eventually,
  type Installation,
  install,
  newName,
  producerFor,
  type RunningService,
  startService,
  stopServices,
} from '../support/pipeline.ts'
import { readTopic } from '../support/read-topic.ts'

const windowMs = 10_000
const requests = 500

/** In one window, long enough ago to be closed soon. */
const begin = Math.floor(Date.now() / windowMs) * windowMs - 60_000

/** Request i takes i ms; every tenth asks for what is not there, and every twentieth fails. */
const statusOf = (i: number) => (i % 20 === 0 ? 503 : i % 10 === 0 ? 404 : 200)

function accessLine(i: number): string {
  const time = new Date(begin).toUTCString()
  const [, day, month, year, clock] = /(\d\d) (\w{3}) (\d{4}) ([\d:]+)/.exec(time)!
  return `10.0.0.${i % 250} - - [${day}/${month}/${year}:${clock} +0000] "GET /users/${i} HTTP/1.1" ${statusOf(i)} 5 "-" "-" ${(i / 1_000).toFixed(3)}`
}

/** OTLP: span i takes i ms. */
function spanOf(i: number): string {
  const startTimeUnixNano = `${begin}000000`
  const endTimeUnixNano = `${begin + i}000000`
  const attributes = Object.entries({
    'http.request.method': 'GET',
    'http.response.status_code': String(statusOf(i)),
    'http.route': '/users/{id}',
  }).map(([key, stringValue]) => ({ key, value: { stringValue } }))
  const spanId = i.toString(16).padStart(16, '0')
  const span = {
    traceId: spanId.padStart(32, '1'),
    spanId,
    name: 'GET /users/{id}',
    kind: 2,
    startTimeUnixNano,
    endTimeUnixNano,
    attributes,
  }
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] }
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] })
}

/** Raw access logs and spans in, windows of their requests out, each counted once though the normalizer is killed. */
describe('points of access logs and spans', () => {
  let installation: Installation
  let windows: readonly Window[]

  beforeAll(async () => {
    const name = newName()
    const rawSpans = `${name}.raw.traces`
    installation = await install(
      {
        TIDEMARK_NORMALIZER_INPUT_TOPICS: `${name}.raw.logs,${rawSpans}`,
        TIDEMARK_NORMALIZER_DERIVED_POINTS: 'accessLogs,spans',
        TIDEMARK_AGGREGATOR_SIZES_MS: String(windowMs),
        TIDEMARK_WORKER_COMMIT_INTERVAL_MS: '50',
      },
      { name },
    )
    const producer = await producerFor(installation)
    await startService(installation, 'aggregator')
    const normalizer = await startService(installation, 'normalizer')
    await sendHalf(producer, rawSpans, 0)
    await killedAfterACommit(normalizer)
    await sendHalf(producer, rawSpans, 1)
    await producer.close()
    await startService(installation, 'normalizer')
    windows = await eventually(
      async () => latest(await readTopic(installation, installation.topics.windows)),
      (found) => sumOf(found, 'http.server.request.count') >= 2 * requests,
      60_000,
    )
  })
  afterAll(stopServices)

  async function sendHalf(producer: Producer, rawSpans: string, half: number): Promise<void> {
    const numbers = Array.from({ length: requests }, (_, i) => i + 1).filter((i) => i % 2 === half)
    const headers = { 'service.name': 'web' }
    await producer.send(
      installation.rawLogs,
      numbers.map((i) => ({ value: accessLine(i), partition: half, headers })),
    )
    await producer.send(
      rawSpans,
      numbers.map((i) => ({ value: spanOf(i), partition: half })),
    )
  }

  /** So that a part of the points is in the log, and what came after the last commit is made again. */
  async function killedAfterACommit(normalizer: RunningService): Promise<void> {
    await eventually(
      () => readTopic(installation, installation.topics.points),
      (batches) => batches.some(({ series }) => series.length > 0),
    )
    await normalizer.kill()
  }

  it.each(['web', 'shop'])('count the requests of %s by status', (service) => {
    const counts = Object.fromEntries(
      ofService(windows, service, 'http.server.request.count').map(({ series, increase }) => [
        tagOf(series, 'http.response.status_code'),
        increase,
      ]),
    )
    expect(counts).toEqual({ 200: 450, 404: 25, 503: 25 })
  })

  it.each(['web', 'shop'])('have the durations of %s', (service) => {
    const [ok] = ofService(windows, service, 'http.server.request.duration').filter(
      ({ series }) => tagOf(series, 'http.response.status_code') === '200',
    )
    const exact = Array.from({ length: requests }, (_, i) => i + 1).filter((i) => statusOf(i) === 200)
    expect(ok).toMatchObject({ count: 450, min: 0.001, max: 0.499, start: begin })
    for (const [field, q] of [
      ['p50', 0.5],
      ['p90', 0.9],
      ['p99', 0.99],
    ] as const) {
      const wanted = exact[Math.ceil(q * exact.length) - 1]! / 1_000
      expect(Math.abs(ok![field] - wanted) / wanted, field).toBeLessThanOrEqual(0.01)
    }
  })

  it('have the same route, told or made of the path', () => {
    expect(new Set(windows.map(({ series }) => tagOf(series, 'http.route')))).toEqual(
      new Set(['/users/{id}']),
    )
  })
})

/** The last revision of each window. */
function latest(batches: readonly { readonly windows: readonly Window[] }[]): readonly Window[] {
  const byIdentity = new Map<string, Window>()
  for (const window of batches.flatMap((batch) => batch.windows)) {
    const identity = JSON.stringify([window.series, window.start])
    if ((byIdentity.get(identity)?.revision ?? -1) < window.revision) byIdentity.set(identity, window)
  }
  return [...byIdentity.values()]
}

const tagOf = ({ tags }: Window['series'], name: string) => tags.find(({ key }) => key === name)?.value

const ofService = (windows: readonly Window[], service: string, metric: string) =>
  windows.filter(({ series }) => series.metric === metric && tagOf(series, 'service.name') === service)

const sumOf = (windows: readonly Window[], metric: string) =>
  windows
    .filter(({ series }) => series.metric === metric)
    .reduce((sum, { increase }) => sum + (increase ?? 0), 0)
