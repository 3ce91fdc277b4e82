import { z } from 'zod'
import { type SectionConfig, section } from '../config/section.ts'
import { caFile, httpUrl } from '../config/tls.ts'

export const elasticsearchSection = section(
  'elasticsearch',
  'Elasticsearch 8 or 9, where logs, anomalies and incidents go.',
  {
    url: httpUrl.default('http://127.0.0.1:9200').meta({
      description: 'Address of a node, or of a proxy before the cluster.',
      example: 'https://es.example.com:9200',
    }),
    username: z
      .string()
      .optional()
      .meta({ description: 'User name for basic authentication.', example: 'tidemark' }),
    password: z.string().optional().meta({ description: 'Password for basic authentication.', secret: true }),
    apiKey: z
      .string()
      .optional()
      .meta({ description: 'API key, instead of user name and password.', secret: true }),
    caFile,
    indexPrefix: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,100}$/, 'lower-case letters, digits, ".", "_" and "-" only')
      .default('tidemark')
      .meta({
        description: 'Before the names of indices: tidemark-logs-2026.01.31.',
        example: 'tidemark',
      }),
    timeoutMs: z
      .number()
      .int()
      .min(100)
      .max(300_000)
      .default(30_000)
      .meta({ description: 'How long a request may take.', unit: 'ms', example: 30_000 }),
  },
)

export type ElasticsearchConfig = SectionConfig<typeof elasticsearchSection>
