import { randomBytes } from 'node:crypto'
import avro from 'avsc'
import { describe, expect, it } from 'vitest'
import { Codec } from '../../shared/avro/codec.ts'
import { connectRegistry } from '../../shared/avro/registry.ts'
import { completeSchema, recordNames } from '../../shared/avro/schemas.ts'
import { BadRecordError, ConfigurationError } from '../../shared/errors.ts'
import { anyAnomaly } from '../support/any-anomaly.ts'
import { stack } from '../support/stack.ts'

const topic = () => `registry-test-${randomBytes(4).toString('hex')}`

describe('the schema registry', () => {
  const url = stack().registry.url
  const registry = connectRegistry({ url })

  /** Registers a schema as another program does, or one that was written before, or after, today's. */
  const post = (name: string, schema: object, more: object = {}) =>
    send('POST', `subjects/${name}-value/versions`, { schema: JSON.stringify(schema), ...more })
  const send = (method: string, path: string, body: object) =>
    fetch(`${url}/${path}`, {
      method,
      headers: { 'Content-Type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify(body),
    })

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
    await post(partSubject, part)
    const references = [{ name: 'others.Part', subject: `${partSubject}-value`, version: 1 }]
    const response = await post(wholeSubject, whole, { references })
    const { id } = (await response.json()) as { readonly id: number }
    expect(await registry.schema(id)).toMatchObject({
      name: 'Whole',
      fields: [{ name: 'part', type: { name: 'others.Part', fields: [{ name: 'n', type: 'int' }] } }],
    })
  })

  it('gives no schema that is not Avro', async () => {
    const schema = { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' }
    const response = await post(topic(), schema, { schemaType: 'JSON' })
    const { id } = (await response.json()) as { readonly id: number }
    expect(await registry.schema(id)).toBeUndefined()
    expect(await registry.written(id)).toEqual({ kind: 'JSON' })
  })

  it('knows nothing of an unknown id', async () => {
    expect(await registry.schema(987_654_321)).toBeUndefined()
    expect(await registry.written(987_654_321)).toBeUndefined()
  })

  const compatible = (name: string, compatibility: string) =>
    send('PUT', `config/${name}-value`, { compatibility })
  /** A record as that program writes it. */
  async function written(name: string, schema: object, value: object): Promise<Buffer> {
    const { id } = (await (await post(name, schema)).json()) as { readonly id: number }
    const frame = Buffer.alloc(5)
    frame.writeInt32BE(id, 1)
    const type = avro.Type.forSchema(schema as avro.Schema, { registry: {} })
    return Buffer.concat([frame, type.toBuffer(value)])
  }
  const letter = {
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
    tenant: null,
  }
  const { fields = [], ...rest } = completeSchema('DeadLetter')
  const older = { ...rest, fields: fields.filter((field) => field.name !== 'rejections') }
  const newer = { ...rest, fields: [...fields, { name: 'added', type: 'string', default: '' }] }
  const incompatible = { ...rest, fields: [...fields, { name: 'added', type: 'string' }] }

  it('refuses a schema with which older records could not be read, and the writer says so', async () => {
    const name = topic()
    await registry.register(name, 'DeadLetter')
    expect((await post(name, incompatible)).status).toBe(409)
    const other = topic()
    await post(other, { ...rest, fields: [{ name: 'detail', type: 'long' }] })
    await compatible(other, 'BACKWARD')
    const refusal = await new Codec(registry)
      .prepareWriter(other, 'DeadLetter')
      .catch((error: Error) => error)
    expect(refusal).toBeInstanceOf(ConfigurationError)
    expect((refusal as Error).message).toContain(
      `The schema registry refused registering DeadLetter for ${other} at ${new URL(url).origin}: `,
    )
  })

  it('lets a kind of series be added, which older readers take for gauges', async () => {
    const name = topic()
    const today = completeSchema('PointBatch')
    const withoutSets = JSON.parse(JSON.stringify(today).replace(',"set"]', ']')) as object
    expect(withoutSets).not.toEqual(today)
    expect((await post(name, withoutSets)).status).toBe(200)
    await compatible(name, 'BACKWARD')
    await expect(new Codec(registry).prepareWriter(name, 'PointBatch')).resolves.toBeUndefined()
  })

  it('says what to do when a subject promises something else than we need', async () => {
    const name = topic()
    await post(name, completeSchema('DeadLetter'))
    await compatible(name, 'NONE')
    await expect(new Codec(registry).prepareWriter(name, 'DeadLetter')).rejects.toThrow(
      'is NONE: set that of the subject to BACKWARD',
    )
  })

  it('lets today’s reader read what an older schema wrote, before and after today’s was registered', async () => {
    const name = topic()
    const bytes = await written(name, older, letter)
    await compatible(name, 'BACKWARD')
    const codec = new Codec(registry)
    await codec.prepareReader('DeadLetter', bytes)
    await codec.prepareWriter(name, 'DeadLetter')
    const late = new Codec(registry)
    await late.prepareReader('DeadLetter', bytes)
    for (const reader of [codec, late])
      expect(reader.decode('DeadLetter', bytes)).toMatchObject({ stage: 's', offset: 2, rejections: [] })
  })

  it('lets today’s reader read what a newer schema wrote, which is what an older worker does in a rolling update', async () => {
    const name = topic()
    const codec = new Codec(registry)
    await codec.prepareWriter(name, 'DeadLetter')
    const bytes = await written(name, newer, { ...letter, rejections: [], added: 'news' })
    await codec.prepareReader('DeadLetter', bytes)
    expect(codec.decode('DeadLetter', bytes)).toEqual({ ...letter, rejections: [] })
    // And the newer reader reads what today's writes meanwhile.
    const own = codec.encode(name, 'DeadLetter', { ...letter, rejections: [] })
    const [today, tomorrow] = [completeSchema('DeadLetter'), newer].map((schema) =>
      avro.Type.forSchema(schema as avro.Schema, { registry: {} }),
    )
    expect(tomorrow!.fromBuffer(own.subarray(5), tomorrow!.createResolver(today!))).toMatchObject({
      ...letter,
      added: '',
    })
    // Nor is the topic closed to the older worker that starts again.
    await new Codec(registry).prepareWriter(name, 'DeadLetter')
  })

  it('a record of a schema that can’t be read as what is wanted is refused in a sentence', async () => {
    const foreign = {
      type: 'record',
      name: 'DeadLetter',
      namespace: 'tidemark',
      fields: [{ name: 'stage', type: 'string' }],
    }
    const bytes = await written(topic(), foreign, { stage: 's' })
    const codec = new Codec(registry)
    await codec.prepareReader('DeadLetter', bytes)
    const id = bytes.readInt32BE(1)
    expect(() => codec.decode('DeadLetter', bytes)).toThrow(BadRecordError)
    expect(() => codec.decode('DeadLetter', bytes)).toThrow(`schema id ${id} can’t be read as a DeadLetter`)
  })

  it('carries a record there and back', async () => {
    const name = topic()
    const codec = new Codec(registry)
    await codec.prepareWriter(name, 'Anomaly')
    const anomaly = anyAnomaly({ tags: [{ key: 'k', value: '🎉' }] })
    const bytes = codec.encode(name, 'Anomaly', anomaly)
    const reader = new Codec(registry)
    await reader.prepareReader('Anomaly', bytes)
    expect(reader.decode('Anomaly', bytes)).toEqual(anomaly)
  })
})
