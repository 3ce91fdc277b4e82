import { z } from 'zod'
import { type SectionConfig, section } from '../config/section.ts'

export const httpSection = section('http', 'Where a service serves /metrics, /live and /ready.', {
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .meta({ description: 'Address to listen on.', example: '0.0.0.0' }),
  port: z
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .meta({ description: 'Port to listen on; 0 takes any free one and logs it.', example: 9464 }),
})

export const logSection = section(
  'log',
  'What a service writes to standard output, one JSON object a line.',
  {
    level: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
      .default('info')
      .meta({ description: 'The least severe level that is written.', example: 'info' }),
  },
)

export type HttpConfig = SectionConfig<typeof httpSection>
export type LogConfig = SectionConfig<typeof logSection>
