import { z } from 'zod'
import { type Mistake, type SectionConfig, section } from '../../shared/config/section.ts'
import { models } from './models/registry.ts'

const statistics = ['count', 'sum', 'min', 'max', 'mean', 'rate', 'p50', 'p90', 'p95', 'p99'] as const

/** A field of a window that a model may watch. */
export type Statistic = (typeof statistics)[number]

export const detectorSection = section(
  'detector',
  'What is an anomaly.',
  {
    model: z
      .enum(models.map(({ name }) => name) as [string, ...string[]])
      .default('robust-z-score')
      .meta({
        description: 'The model that watches each series.',
        example: 'robust-z-score',
      }),
    statistics: z
      .array(z.enum(statistics))
      .min(1)
      .default(['mean'])
      .meta({
        description: 'Fields of the windows that are watched.',
        example: ['mean', 'p99'],
      }),
    windowSizesMs: z
      .array(z.number().int().min(1_000))
      .min(1)
      .default([10_000])
      .meta({
        description: 'Lengths of the tumbling windows that are watched.',
        unit: 'ms',
        example: [10_000],
      }),
    threshold: z.number().min(1).max(1_000).default(8).meta({
      description: 'Score, in robust standard deviations, from which on a value is an anomaly.',
      example: 8,
    }),
    baselineWindows: z.number().int().min(5).max(10_000).default(60).meta({
      description: 'Windows that make up what is normal.',
      unit: 'windows',
      example: 60,
    }),
    minWindows: z.number().int().min(3).max(10_000).default(15).meta({
      description: 'Windows of a series before the first verdict.',
      unit: 'windows',
      example: 15,
    }),
    baselineMs: z.number().int().min(60_000).max(86_400_000).default(900_000).meta({
      description: 'Windows older than this do not count. After a restart twice as much is read again.',
      unit: 'ms',
      example: 900_000,
    }),
  },
  mistakesIn,
)

export type DetectorConfig = SectionConfig<typeof detectorSection>

interface Baseline {
  readonly windowSizesMs: readonly number[]
  readonly baselineWindows: number
  readonly minWindows: number
  readonly baselineMs: number
}

/** With these there would never be a verdict. */
function* mistakesIn({
  windowSizesMs,
  baselineWindows,
  minWindows,
  baselineMs,
}: Baseline): Generator<Mistake> {
  if (minWindows > baselineWindows)
    yield {
      path: ['minWindows'],
      message: `more windows are wanted before the first verdict than detector.baselineWindows, ${baselineWindows}, keeps`,
    }
  for (const [i, size] of windowSizesMs.entries()) {
    if (size * minWindows <= baselineMs) continue
    yield {
      path: ['windowSizesMs', i],
      message: `${minWindows} windows (detector.minWindows) of ${size} ms are needed for a verdict, but detector.baselineMs, ${baselineMs}, is shorter`,
    }
  }
}
