import { z } from 'zod'
import { type SectionConfig, section } from '../config/section.ts'
import { caFile, httpUrl } from '../config/tls.ts'

export const influxSection = section('influx', 'InfluxDB 2, where windows and anomalies go.', {
  url: httpUrl
    .default('http://127.0.0.1:8086')
    .meta({ description: 'Address of the server.', example: 'https://influx.example.com' }),
  token: z.string().optional().meta({ description: 'API token that may write to the bucket.', secret: true }),
  org: z.string().min(1).default('tidemark').meta({ description: 'Organization.', example: 'tidemark' }),
  bucket: z.string().min(1).default('telemetry').meta({ description: 'Bucket.', example: 'telemetry' }),
  caFile,
  timeoutMs: z
    .number()
    .int()
    .min(100)
    .max(300_000)
    .default(30_000)
    .meta({ description: 'How long a request may take.', unit: 'ms', example: 30_000 }),
})

export type InfluxConfig = SectionConfig<typeof influxSection>
