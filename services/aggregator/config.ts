import { z } from 'zod'
import { section } from '../../shared/config/section.ts'

/** How points become windows. */
export const aggregatorSection = section('aggregator', 'Event-time windows over the points of each series.', {
  windowMs: z.number().int().min(1_000).max(3_600_000).default(10_000).meta({
    description: 'Length of a window. Windows begin at multiples of it.',
    unit: 'ms',
    example: 10_000,
  }),
  disorderMs: z.number().int().min(0).max(600_000).default(5_000).meta({
    description:
      'How far out of order the points of one source may be before they count as late. Windows are emitted that much later.',
    unit: 'ms',
    example: 5_000,
  }),
  latenessMs: z.number().int().min(0).max(3_600_000).default(60_000).meta({
    description:
      'How long after its end a window still takes late points, each time emitting it again with a higher revision. Later points go to the late topic.',
    unit: 'ms',
    example: 60_000,
  }),
  idleMs: z.number().int().min(1_000).max(3_600_000).default(15_000).meta({
    description: 'When no points come for so long the open windows of a partition are closed.',
    unit: 'ms',
    example: 15_000,
  }),
  sourceIdleMs: z.number().int().min(1_000).max(3_600_000).default(15_000).meta({
    description:
      'When a partition of a raw topic brings nothing for so long, while others do, windows no longer wait for it.',
    unit: 'ms',
    example: 15_000,
  }),
  maxHoldBackMs: z.number().int().min(1_000).max(86_400_000).default(600_000).meta({
    description:
      'Windows do not wait for a partition of a raw topic that is further behind the others than this.',
    unit: 'ms',
    example: 600_000,
  }),
})

export type AggregatorConfig = ReturnType<typeof aggregatorSection.schema.parse>
