import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import { ConfigurationError, RetryableError } from '../errors.ts'
import type { RegistryConfig } from './config.ts'
import { type AvroDefinition, completeSchema, type RecordName } from './schemas.ts'

/** The registry's answers that this project needs; ids are those in the frame of each record. */
export interface Registry {
  /**
   * Registers the schema of a topic's records under `<topic>-value`, BACKWARD compatible with what is there: readers
   * with the new schema understand all that was written before. The same schema again gives the same id.
   * Throws RetryableError when the registry is away, ConfigurationError when it refuses the schema.
   */
  register(topic: string, record: RecordName): Promise<number>
  /** The schema of an id, or undefined when the registry does not know it. Throws RetryableError when it is away. */
  schema(id: number): Promise<AvroDefinition | undefined>
}

export function connectRegistry(config: RegistryConfig): Registry {
  const client = new SchemaRegistry({
    host: config.url,
    clientId: 'tidemark',
    retry: { retries: 0 },
    ...(config.username && { auth: { username: config.username, password: config.password ?? '' } }),
    ...(config.url.startsWith('https:') && {
      agent: new Agent({ ca: config.caFile ? readFileSync(config.caFile) : undefined }),
    }),
  })
  return {
    async register(topic, record) {
      const schema = { type: SchemaType.AVRO as const, schema: JSON.stringify(completeSchema(record)) }
      const options = { subject: `${topic}-value`, compatibility: COMPATIBILITY.BACKWARD }
      try {
        return (await client.register(schema, options)).id
      } catch (error) {
        throw registryError(error, config, `registering ${record} for ${topic}`)
      }
    },
    async schema(id) {
      let type: unknown
      try {
        type = await client.getSchema(id)
      } catch (error) {
        // Without a status the registry did answer, with a schema that is not Avro.
        if (statusOf(error) === undefined || statusOf(error) === 404) return undefined
        throw registryError(error, config, `reading schema ${id}`)
      }
      return JSON.parse(JSON.stringify(type)) as AvroDefinition
    },
  }
}

const statusOf = (error: unknown) => (error as { readonly status?: number }).status

/** What will be answered again however often one asks. The client reports a refused connection as 400. */
const finalStatuses: ReadonlySet<number | undefined> = new Set([401, 403, 404, 409, 422])

function registryError(error: unknown, config: RegistryConfig, doing: string): Error {
  const { name, message: reason } = error as Error
  // It may be that another worker has registered the first schema just now, and sets this next: worth another try.
  const advice =
    name === 'ConfluentSchemaRegistryCompatibilityError' ? '; set that of the subject to BACKWARD' : ''
  const message = `${doing} at ${new URL(config.url).origin}: ${reason || 'no answer'}${advice}`
  return finalStatuses.has(statusOf(error))
    ? new ConfigurationError(`The schema registry refused ${message}`, { cause: error })
    : new RetryableError('the schema registry', message, { cause: error })
}
