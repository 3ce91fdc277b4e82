import { z } from 'zod'
import { type SectionConfig, section } from '../../shared/config/section.ts'

export const influxSinkSection = section(
  'influx-sink',
  'How windows and anomalies are written to InfluxDB.',
  {
    maxLines: z
      .number()
      .int()
      .min(1)
      .max(100_000)
      .default(5_000)
      .meta({ description: 'Lines in one request.', example: 5_000 }),
    settleMs: z.number().int().min(1_000).max(600_000).default(10_000).meta({
      description:
        'How long InfluxDB may still be at work on a request that nobody waits for any more, of a worker that has died, or one without an answer in time. Corrected windows that are written meanwhile are written once more then.',
      unit: 'ms',
      example: 10_000,
    }),
  },
)

export type InfluxSinkConfig = SectionConfig<typeof influxSinkSection>
