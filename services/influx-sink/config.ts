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
  },
)

export type InfluxSinkConfig = SectionConfig<typeof influxSinkSection>
