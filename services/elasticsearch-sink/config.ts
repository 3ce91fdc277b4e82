import { z } from 'zod'
import { type SectionConfig, section } from '../../shared/config/section.ts'

export const elasticsearchSinkSection = section(
  'elasticsearch-sink',
  'How logs, anomalies and incidents are written to Elasticsearch.',
  {
    windows: z.boolean().default(false).meta({
      description:
        'Whether windows are written as well, a document each, which takes many times the room that they take in InfluxDB.',
      example: true,
    }),
    maxDocuments: z
      .number()
      .int()
      .min(1)
      .max(50_000)
      .default(2_000)
      .meta({ description: 'Documents in one request.', example: 2_000 }),
    maxRequestBytes: z.number().int().min(65_536).max(104_857_600).default(5_242_880).meta({
      description: 'Size of one request, about; servers refuse more than 100 MB.',
      unit: 'bytes',
      example: 5_242_880,
    }),
    shards: z
      .number()
      .int()
      .min(1)
      .max(1_024)
      .default(1)
      .meta({ description: 'Primary shards of a new index.', example: 1 }),
    replicas: z
      .number()
      .int()
      .min(0)
      .max(10)
      .default(0)
      .meta({ description: 'Replicas of each shard of a new index.', example: 1 }),
  },
)

export type ElasticsearchSinkConfig = SectionConfig<typeof elasticsearchSinkSection>
