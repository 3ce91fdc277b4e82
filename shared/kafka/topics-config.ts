import { z } from 'zod'
import { type SectionConfig, section } from '../config/section.ts'

const hours = (count: number) => count * 3_600_000
const retention = (value: number, description: string) =>
  z.number().int().min(60_000).default(value).meta({ description, unit: 'ms', example: value })

export const topicsSection = section(
  'topics',
  'How `tidemark topics create` makes topics that do not exist yet. It never changes one that does.',
  {
    partitions: z.number().int().min(1).max(1_000).default(4).meta({
      description: 'Partitions of each topic: the most workers of a service that can share the work.',
      example: 12,
    }),
    replicationFactor: z
      .number()
      .int()
      .min(1)
      .max(10)
      .default(1)
      .meta({ description: 'Copies of each partition; 3 in production.', example: 3 }),
    rawRetentionMs: retention(hours(168), 'How long raw topics can be replayed from.'),
    retentionMs: retention(
      hours(72),
      'How long points, logs, spans, windows, anomalies and incidents are kept.',
    ),
    deadletterRetentionMs: retention(hours(336), 'How long refused, parked and late records are kept.'),
    maxRawMessageBytes: z.number().int().min(1_024).max(134_217_728).default(12_582_912).meta({
      description:
        'Largest record batch that a raw topic takes; normalizer.maxMessageBytes decides what is read of it. The dead-letter and parking topics take a third more.',
      unit: 'bytes',
      example: 12_582_912,
    }),
  },
)

export type TopicsConfig = SectionConfig<typeof topicsSection>
