import { z } from 'zod'
import { type SectionConfig, section } from '../config/section.ts'

export const workerSection = section('worker', 'How all services read, commit and retry.', {
  commitIntervalMs: z.number().int().min(20).max(10_000).default(200).meta({
    description:
      'Longest time between two transactions of a partition that has something to commit. Shorter is fresher and costs more.',
    unit: 'ms',
    example: 200,
  }),
  backlogCommitIntervalMs: z.number().int().min(20).max(10_000).default(1_000).meta({
    description:
      'The same while a worker works off a backlog, and while there is nothing to commit but how far it has come: nobody waits for fresh results then, and fewer transactions cost less.',
    unit: 'ms',
    example: 1_000,
  }),
  maxBatchRecords: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(500)
    .meta({ description: 'Records given to a task at a time.', unit: 'records', example: 500 }),
  maxQueuedBytes: z.number().int().min(65_536).max(1_073_741_824).default(8_388_608).meta({
    description: 'What is fetched ahead for a partition before its fetching pauses.',
    unit: 'bytes',
    example: 8_388_608,
  }),
  sessionTimeoutMs: z.number().int().min(1_000).max(300_000).default(10_000).meta({
    description:
      'A worker that the group coordinator has not heard of for so long loses its partitions. Brokers accept 6,000 and more by default.',
    unit: 'ms',
    example: 10_000,
  }),
  heartbeatIntervalMs: z
    .number()
    .int()
    .min(100)
    .max(60_000)
    .default(1_000)
    .meta({ description: 'How often the coordinator hears of a worker.', unit: 'ms', example: 1_000 }),
  instanceId: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,249}$/, 'letters, digits, ".", "_" and "-" only')
    .optional()
    .meta({
      description:
        'A name of its own for this worker that stays the same over restarts, such as a pod of a stateful set has. A worker with a name that is back within sessionTimeoutMs gets its partitions back, and no other partition moves; without one, it leaves the group when it stops.',
      example: 'aggregator-0',
    }),
  retryBackoffMs: z
    .number()
    .int()
    .min(10)
    .max(60_000)
    .default(250)
    .meta({ description: 'First wait while a server is away; it doubles.', unit: 'ms', example: 250 }),
  maxRetryBackoffMs: z
    .number()
    .int()
    .min(10)
    .max(600_000)
    .default(15_000)
    .meta({ description: 'Longest such wait.', unit: 'ms', example: 15_000 }),
  startFrom: z.enum(['earliest', 'latest']).default('earliest').meta({
    description: 'Where a partition starts that the group has never committed.',
    example: 'earliest',
  }),
  shutdownTimeoutMs: z
    .number()
    .int()
    .min(100)
    .max(120_000)
    .default(4_500)
    .meta({ description: 'How long an orderly end may take.', unit: 'ms', example: 4_500 }),
})

export type WorkerConfig = SectionConfig<typeof workerSection>
