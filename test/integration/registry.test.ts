import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Codec } from '../../shared/avro/codec.ts'
import { connectRegistry } from '../../shared/avro/registry.ts'
import { completeSchema, recordNames } from '../../shared/avro/schemas.ts'
import type { Anomaly } from '../../shared/avro/types.ts'
import { stack } from '../support/stack.ts'

const topic = () => `registry-test-${randomBytes(4).toString('hex')}`

/** As programs of others register a schema. */
const post = (url: string, subject: string, body: object) =>
  fetch(`${url}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify(body),
  })

describe('the schema registry', () => {
  const url = stack().registry.url
  const registry = connectRegistry({ url })

  it('gives the same id for the same schema', async () => {
    const name = topic()
    expect(await registry.register(name, 'PointBatch')).toBe(await registry.register(name, 'PointBatch'))
  })

  it.each(recordNames)('keeps %s as it is', async (record) => {
    const id = await registry.register(topic(), record)
    expect(await registry.schema(id)).toMatchObject({
      name: expect.stringContaining(record),
      fields: completeSchema(record).fields!.map(({ name }) => ({ name })),
    })
  })

  it('puts a schema together that others wrote in parts', async () => {
    const part = { type: 'record', name: 'Part', namespace: 'others', fields: [{ name: 'n', type: 'int' }] }
    const whole = { type: 'record', name: 'Whole', fields: [{ name: 'part', type: 'others.Part' }] }
    const [partSubject, wholeSubject] = [topic(), topic()]
    await post(url, partSubject, { schema: JSON.stringify(part) })
    const references = [{ name: 'others.Part', subject: partSubject, version: 1 }]
    const response = await post(url, wholeSubject, { schema: JSON.stringify(whole), references })
    const { id } = (await response.json()) as { readonly id: number }
    expect(await registry.schema(id)).toMatchObject({
      name: 'Whole',
      fields: [{ name: 'part', type: { name: 'others.Part', fields: [{ name: 'n', type: 'int' }] } }],
    })
  })

  it('gives no schema that is not Avro', async () => {
    const schema = JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' })
    const response = await post(url, topic(), { schemaType: 'JSON', schema })
    const { id } = (await response.json()) as { readonly id: number }
    expect(await registry.schema(id)).toBeUndefined()
  })

  it('knows nothing of an unknown id', async () => {
    expect(await registry.schema(987_654_321)).toBeUndefined()
  })

  it('refuses a schema with which older records could not be read', async () => {
    const name = topic()
    await registry.register(name, 'Anomaly')
    const { fields = [], ...rest } = completeSchema('Anomaly')
    const incompatible = { ...rest, fields: [...fields, { name: 'added', type: 'string' }] }
    const response = await post(url, `${name}-value`, { schema: JSON.stringify(incompatible) })
    expect(response.status).toBe(409)
  })

  it('lets today’s reader read what an older schema wrote', async () => {
    const name = topic()
    const { fields = [], ...rest } = completeSchema('DeadLetter')
    const older = { ...rest, fields: fields.filter((field) => field.name !== 'rejections') }
    const response = await post(url, `${name}-value`, { schema: JSON.stringify(older) })
    const { id } = (await response.json()) as { readonly id: number }
    const avro = (await import('avsc')).default
    const written = avro.Type.forSchema(older as never, { registry: {} }).toBuffer({
      stage: 's',
      reason: 'r',
      detail: 'd',
      topic: 't',
      partition: 1,
      offset: 2,
      timestamp: 3,
      key: null,
      value: null,
      headers: [],
    })
    const frame = Buffer.alloc(5)
    frame.writeInt32BE(id, 1)
    const bytes = Buffer.concat([frame, written])
    const codec = new Codec(registry)
    await codec.prepareReader('DeadLetter', bytes)
    expect(codec.decode('DeadLetter', bytes)).toMatchObject({ stage: 's', offset: 2, rejections: [] })
  })

  it('carries a record there and back', async () => {
    const name = topic()
    const codec = new Codec(registry)
    await codec.prepareWriter(name, 'Anomaly')
    const anomaly: Anomaly = {
      id: 'x',
      series: { metric: 'm', tags: [{ key: 'k', value: '🎉' }], kind: 'gauge', unit: '' },
      windowStart: 1_700_000_000_000,
      windowSizeMs: 10_000,
      revision: 0,
      statistic: 'mean',
      model: 'robust-z-score',
      value: 1,
      score: 9,
      expected: 0,
      expectedLow: -1,
      expectedHigh: 0.5,
      direction: 'above',
    }
    const bytes = codec.encode(name, 'Anomaly', anomaly)
    const reader = new Codec(registry)
    await reader.prepareReader('Anomaly', bytes)
    expect(reader.decode('Anomaly', bytes)).toEqual(anomaly)
  })
})
