import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { createRequire } from 'node:module'
import type { SchemaRegistryAPIClientArgs } from '@kafkajs/confluent-schema-registry/dist/api/index.js'
import { ConfigurationError, RetryableError } from '../errors.ts'
import type { RegistryConfig } from './config.ts'
import { type AvroDefinition, completeSchema, type RecordName } from './schemas.ts'

/**
 * Of the package only its requests: all of it, with the compilers of JSON Schema and Protocol Buffers, is a tenth of what
 * the start of a worker costs.
 */
const { default: requestsOf } = createRequire(import.meta.url)(
  '@kafkajs/confluent-schema-registry/dist/api',
) as { default(options: SchemaRegistryAPIClientArgs): Requests }

/** The registry's answers that this project needs; ids are those in the frame of each record. */
export interface Registry {
  /**
   * Registers the schema of a topic's records under `<topic>-value`, BACKWARD compatible with what is there: readers
   * with the new schema understand all that was written before. The same schema again gives the same id.
   * Throws RetryableError when the registry is away, ConfigurationError when it refuses the schema.
   */
  register(topic: string, record: RecordName): Promise<number>
  /** What any program has registered under an id, or undefined when the registry does not know it. Throws RetryableError when it is away. */
  written(id: number): Promise<Written | undefined>
  /** The Avro schema of an id, or undefined when the registry does not know it. Throws RetryableError when it is away. */
  schema(id: number): Promise<AvroDefinition | undefined>
}

/** A schema as it was registered. */
export type Written =
  | { readonly kind: 'AVRO'; readonly schema: AvroDefinition }
  | { readonly kind: string; readonly schema?: undefined }

/** What its types leave open: the answers. */
interface Requests {
  readonly Schema: { find(of: { readonly id: number }): Promise<Answer<WrittenSchema>> }
  readonly Subject: {
    config(of: { readonly subject: string }): Promise<Answer<{ readonly compatibilityLevel: string }>>
    updateConfig(of: { readonly subject: string; readonly body: object }): Promise<unknown>
    register(of: {
      readonly subject: string
      readonly body: object
    }): Promise<Answer<{ readonly id: number }>>
  }
}
interface Answer<T> {
  data(): T
}
interface WrittenSchema {
  readonly schema: string
  /** Undefined for Avro. */
  readonly schemaType?: string
  readonly references?: readonly unknown[]
}

const compatibility = 'BACKWARD'

export function connectRegistry(config: RegistryConfig): Registry {
  const options: SchemaRegistryAPIClientArgs = {
    host: config.url,
    clientId: 'tidemark',
    retry: { retries: 0 },
    ...(config.username && { auth: { username: config.username, password: config.password ?? '' } }),
    ...(config.url.startsWith('https:') && {
      agent: new Agent({ ca: config.caFile ? readFileSync(config.caFile) : undefined }),
    }),
  }
  const { Schema, Subject } = requestsOf(options)
  const written = async (id: number): Promise<Written | undefined> => {
    try {
      const { schema, schemaType = 'AVRO', references = [] } = (await Schema.find({ id })).data()
      if (schemaType !== 'AVRO') return { kind: schemaType }
      const whole =
        references.length > 0 ? await withReferences(options, id) : (JSON.parse(schema) as AvroDefinition)
      return { kind: 'AVRO', schema: whole }
    } catch (error) {
      // Without a status the registry did answer, with what is no schema.
      if (statusOf(error) === undefined || statusOf(error) === 404) return undefined
      throw registryError(error, config, `reading schema ${id}`)
    }
  }
  return {
    async register(topic, record) {
      const subject = `${topic}-value`
      try {
        const isNew = !(await isBackward(Subject, subject))
        const body = { schema: JSON.stringify(completeSchema(record)) }
        const answer = await Subject.register({ subject, body })
        if (isNew) await Subject.updateConfig({ subject, body: { compatibility } })
        return answer.data().id
      } catch (error) {
        throw registryError(error, config, `registering ${record} for ${topic}`)
      }
    },
    written,
    schema: async (id) => (await written(id))?.schema,
  }
}

/** False for a subject that says nothing of its compatibility yet. Throws Error when it says another. */
async function isBackward(subjects: Requests['Subject'], subject: string): Promise<boolean> {
  try {
    const { compatibilityLevel } = (await subjects.config({ subject })).data()
    if (compatibilityLevel.toUpperCase() === compatibility) return true
    throw new Error(
      `the compatibility of ${subject} is ${compatibilityLevel}: set that of the subject to ${compatibility}`,
    )
  } catch (error) {
    if (statusOf(error) === 404) return false
    throw error
  }
}

/** A schema put together of several, as programs of others may register them: what only the whole package can do. */
async function withReferences(options: SchemaRegistryAPIClientArgs, id: number): Promise<AvroDefinition> {
  const { SchemaRegistry } = await import('@kafkajs/confluent-schema-registry')
  return JSON.parse(JSON.stringify(await new SchemaRegistry(options).getSchema(id))) as AvroDefinition
}

const statusOf = (error: unknown) => (error as { readonly status?: number }).status

/** What will be answered again however often one asks. The client reports a refused connection as 400. */
const finalStatuses: ReadonlySet<number | undefined> = new Set([401, 403, 404, 409, 422])

function registryError(error: unknown, config: RegistryConfig, doing: string): Error {
  const message = `${doing} at ${new URL(config.url).origin}: ${(error as Error).message || 'no answer'}`
  return finalStatuses.has(statusOf(error))
    ? new ConfigurationError(`The schema registry refused ${message}`, { cause: error })
    : new RetryableError('the schema registry', message, { cause: error })
}
