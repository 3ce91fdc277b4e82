import { z } from 'zod'
import { type Mistake, type SectionConfig, section } from '../config/section.ts'

const broker = z.string().regex(/^[^\s:/]+:\d{1,5}$/, 'a broker is host:port')

export const kafkaSection = section(
  'kafka',
  'The Kafka cluster.',
  {
    brokers: z
      .array(broker)
      .min(1)
      .default(['127.0.0.1:9092'])
      .meta({
        description: 'Brokers to ask for the others first.',
        example: ['kafka-1:9092', 'kafka-2:9092'],
      }),
    clientId: z.string().min(1).default('tidemark').meta({
      description: 'The name under which brokers know the client, in their logs and quotas.',
      example: 'tidemark',
    }),
    topicPrefix: z
      .string()
      .regex(/^[a-zA-Z0-9._-]{1,100}$/, 'letters, digits, ".", "_" and "-" only')
      .default('telemetry')
      .meta({
        description:
          'Before the names of Tidemark’s topics and consumer groups: telemetry.points, telemetry-aggregator.',
        example: 'telemetry',
      }),
    tls: z
      .strictObject({
        enabled: z
          .boolean()
          .default(false)
          .meta({ description: 'Whether connections to brokers are encrypted.', example: true }),
        caFile: z.string().optional().meta({
          description: 'PEM file of the certificate authority; by default those that Node trusts.',
          example: '/etc/tidemark/ca.pem',
        }),
        certFile: z.string().optional().meta({
          description: 'PEM file of the client’s certificate, for mutual TLS.',
          example: '/etc/tidemark/client.pem',
        }),
        keyFile: z.string().optional().meta({
          description: 'PEM file of the client’s key, for mutual TLS.',
          example: '/etc/tidemark/client.key',
        }),
        serverName: z.string().optional().meta({
          description: 'Name to expect in the brokers’ certificates, when it is not the host name.',
          example: 'kafka.example.com',
        }),
      })
      .prefault({}),
    sasl: z
      .strictObject({
        mechanism: z
          .enum(['none', 'plain', 'scram-sha-256', 'scram-sha-512'])
          .default('none')
          .meta({ description: 'How the client says who it is.', example: 'scram-sha-512' }),
        username: z.string().optional().meta({ description: 'User name for SASL.', example: 'tidemark' }),
        password: z.string().optional().meta({ description: 'Password for SASL.', secret: true }),
      })
      .prefault({}),
    connectionTimeoutMs: z
      .number()
      .int()
      .min(100)
      .max(120_000)
      .default(5_000)
      .meta({ description: 'How long a connection may take.', unit: 'ms', example: 5_000 }),
    requestTimeoutMs: z
      .number()
      .int()
      .min(1_000)
      .max(300_000)
      .default(30_000)
      .meta({ description: 'How long an answer may take.', unit: 'ms', example: 30_000 }),
    metadataMaxAgeMs: z.number().int().min(1_000).max(3_600_000).default(60_000).meta({
      description: 'How soon, at the latest, partitions that were added to a topic are noticed.',
      unit: 'ms',
      example: 60_000,
    }),
  },
  mistakesIn,
)

export type KafkaConfig = SectionConfig<typeof kafkaSection>

interface Credentials {
  readonly tls: {
    readonly certFile?: string | undefined
    readonly keyFile?: string | undefined
  }
  readonly sasl: {
    readonly mechanism: string
    readonly username?: string | undefined
    readonly password?: string | undefined
  }
}

function* mistakesIn({ tls, sasl }: Credentials): Generator<Mistake> {
  if (!tls.certFile !== !tls.keyFile)
    yield {
      path: ['tls'],
      message: 'kafka.tls.certFile and kafka.tls.keyFile belong together, one is missing',
    }
  if (sasl.mechanism !== 'none' && !(sasl.username && sasl.password))
    yield { path: ['sasl', 'mechanism'], message: 'it needs kafka.sasl.username and kafka.sasl.password' }
}
