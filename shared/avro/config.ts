import { z } from 'zod'
import { type SectionConfig, section } from '../config/section.ts'
import { caFile, httpUrl } from '../config/tls.ts'

export const registrySection = section('registry', 'The schema registry: any that speaks Confluent’s API.', {
  url: httpUrl.default('http://127.0.0.1:8081/apis/ccompat/v7').meta({
    description:
      'Base address of the API. Apicurio has it under /apis/ccompat/v7, Confluent’s own registry at the root.',
    example: 'https://registry.example.com',
  }),
  username: z
    .string()
    .optional()
    .meta({ description: 'User name for basic authentication.', example: 'tidemark' }),
  password: z.string().optional().meta({ description: 'Password for basic authentication.', secret: true }),
  caFile,
})

export type RegistryConfig = SectionConfig<typeof registrySection>
