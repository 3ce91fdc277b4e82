import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectElasticsearch } from '../../shared/elasticsearch/client.ts'
import {
  eventually,
  type Installation,
  install,
  producerFor,
  startService,
  stopServices,
} from '../support/pipeline.ts'

interface FoundLog {
  readonly message: string
  readonly service: { readonly name: string }
  readonly log: { readonly level: string }
  readonly attributes: Readonly<Record<string, string>>
}

describe('logs from Kafka to Elasticsearch', () => {
  let installation: Installation
  const time = new Date(Date.now() - 60_000).toISOString()
  const events = [
    {
      '@timestamp': time,
      message: 'Connection to payments refused by upstream',
      'log.level': 'error',
      service: { name: 'checkout' },
      http: { response: { status_code: 502 } },
    },
    {
      '@timestamp': time,
      message: 'Connection to payments established',
      log: { level: 'INFO' },
      service: { name: 'checkout' },
    },
    {
      '@timestamp': time,
      message: 'Überweisung für 顧客 angenommen 🎉',
      log: { level: 'info' },
      service: { name: 'bank' },
      trace: { id: 'abc' },
    },
  ]
  const search = (query: object) =>
    connectElasticsearch(installation.config.elasticsearch).search<FoundLog>(
      `${installation.name}-logs-*`,
      query,
      10,
    )

  beforeAll(async () => {
    installation = await install()
    await Promise.all(
      (['normalizer', 'elasticsearch-sink'] as const).map((name) => startService(installation, name)),
    )
    const producer = await producerFor(installation)
    await producer.send(
      installation.rawLogs,
      events.map((event) => ({ value: JSON.stringify(event) })),
    )
    await producer.close()
    await eventually(
      async () => (await search({ match_all: {} })).total,
      (total) => total === events.length,
    )
  })
  afterAll(stopServices)

  it('finds them by words of the text', async () => {
    const { documents } = await search({ match: { message: { query: 'payments refused', operator: 'and' } } })
    expect(documents.map(({ message }) => message)).toEqual(['Connection to payments refused by upstream'])
  })

  it('finds them by level, service and any other field', async () => {
    const filter = [
      { term: { 'log.level': 'error' } },
      { term: { 'service.name': 'checkout' } },
      { term: { 'attributes.http.response.status_code': '502' } },
    ]
    expect((await search({ bool: { filter } })).total).toBe(1)
    expect((await search({ bool: { filter: [{ term: { 'log.level': 'info' } }] } })).total).toBe(2)
  })

  it('keeps any script, and the trace', async () => {
    const { documents } = await search({ bool: { filter: [{ term: { 'trace.id': 'abc' } }] } })
    expect(documents).toMatchObject([
      { message: 'Überweisung für 顧客 angenommen 🎉', service: { name: 'bank' } },
    ])
  })
})
