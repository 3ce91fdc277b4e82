import { z } from 'zod'
import { type Mistake, type SectionConfig, section } from '../../shared/config/section.ts'
import { overlap } from '../../shared/series/pattern.ts'
import type { ApdexOptions, RatioOptions } from './rules/ratio.ts'
import { type RollUpOptions, rollUpName } from './rules/roll-up.ts'
import { type LevelOptions, levelsOf } from './windows/level.ts'

const hourMs = 3_600_000
const sizeMs = z
  .number()
  .int()
  .min(1_000)
  .max(24 * hourMs)
const pattern = z.string().min(1).max(1_024)
const by = z.array(z.string().min(1)).max(32).default([])
const where = z.record(z.string().min(1), pattern).default({})
const term = z.strictObject({
  metric: pattern,
  where,
  figure: z.enum(['increase', 'sum', 'count', 'mean']).optional(),
})

/** How points become windows. */
export const aggregatorSection = section(
  'aggregator',
  'Event-time windows over the points of each series, and over series that are made of others.',
  {
    sizesMs: z
      .array(sizeMs)
      .min(1)
      .max(8)
      .default([10_000, 60_000, hourMs])
      .meta({
        description:
          'Lengths of tumbling windows, ascending, each a multiple of the one before. The first takes the points, the others are merged from shorter ones. Windows begin at multiples of their length.',
        unit: 'ms',
        example: [10_000, 60_000, hourMs],
      }),
    sliding: z
      .array(z.strictObject({ sizeMs, stepMs: sizeMs }))
      .max(8)
      .default([])
      .meta({
        description:
          'Sliding windows, for moving percentiles: one of sizeMs begins every stepMs. The size is a multiple of the step, and the step of one of sizesMs.',
        example: [{ sizeMs: 300_000, stepMs: 60_000 }],
      }),
    disorderMs: z.number().int().min(0).max(600_000).default(5_000).meta({
      description:
        'How far out of order the points of one source may be before they count as late. Windows are emitted that much later.',
      unit: 'ms',
      example: 5_000,
    }),
    latenessMs: z
      .number()
      .int()
      .min(0)
      .max(24 * hourMs)
      .default(60_000)
      .meta({
        description:
          'How long after the end of the shortest window that a point belongs to it is still taken, each time emitting its windows again with a higher revision. Later points go to the late topic.',
        unit: 'ms',
        example: 60_000,
      }),
    maxAheadMs: z
      .number()
      .int()
      .min(1_000)
      .max(24 * hourMs)
      .default(600_000)
      .meta({
        description:
          'Points further ahead of the broker’s clock than this are refused, lest one wrong clock close everyone’s windows. The normalizer refuses them first; this is for points that others have written.',
        unit: 'ms',
        example: 600_000,
      }),
    idleMs: z.number().int().min(1_000).max(hourMs).default(15_000).meta({
      description: 'When no points come for so long the open windows of the first length are closed.',
      unit: 'ms',
      example: 15_000,
    }),
    longIdleMs: z
      .number()
      .int()
      .min(1_000)
      .max(24 * hourMs)
      .default(300_000)
      .meta({
        description:
          'When no points come for so long longer windows are emitted as they are; points that come after all revise them.',
        unit: 'ms',
        example: 300_000,
      }),
    sourceIdleMs: z.number().int().min(1_000).max(hourMs).default(15_000).meta({
      description:
        'When a partition of a raw topic that has been read to its end brings nothing for so long, while others do, windows no longer wait for it.',
      unit: 'ms',
      example: 15_000,
    }),
    partIdleMs: z.number().int().min(1_000).max(hourMs).default(60_000).meta({
      description:
        'The same for the second step of roll-ups and ratios: when a partition of the points topic that has been read to its end tells nothing for so long, while others do, they no longer wait for its parts.',
      unit: 'ms',
      example: 60_000,
    }),
    maxBehindMs: z
      .number()
      .int()
      .min(0)
      .max(24 * hourMs)
      .default(1.5 * hourMs)
      .meta({
        description:
          'How long windows wait for a partition that is silent because its reader is down, hangs or is behind: what it brings then is not late, but all windows of the others stay open in memory until then. After that they go on without it. With 0 silence is always taken for idleness. Keep it longer than any outage that should leave no trace.',
        unit: 'ms',
        example: 1.5 * hourMs,
      }),
    maxHoldBackMs: z
      .number()
      .int()
      .min(1_000)
      .max(24 * hourMs)
      .default(600_000)
      .meta({
        description:
          'Windows do not wait for a partition of a raw topic whose events are further behind the others than this, unless its reader is working off a backlog.',
        unit: 'ms',
        example: 600_000,
      }),
    counterGapMs: z
      .number()
      .int()
      .min(1_000)
      .max(24 * hourMs)
      .default(300_000)
      .meta({
        description:
          'Two readings of a counter further apart than this tell nothing about what happened between them.',
        unit: 'ms',
        example: 300_000,
      }),
    rollUps: z
      .array(z.strictObject({ metric: pattern, where, by, name: z.string().min(1).optional() }))
      .max(1_000)
      .default([])
      .meta({
        description:
          'Series merged over all tags but those in by: correct percentiles over hosts. In metric and in the values of where, * stands for anything. The new metric is called name, by default metric.by_tag_tag.',
        example: [{ metric: 'http.latency', by: ['service', 'route'] }],
      }),
    ratios: z
      .array(z.strictObject({ name: z.string().min(1), numerator: term, denominator: term, by }))
      .max(1_000)
      .default([])
      .meta({
        description:
          'Quotients of two sums over series, such as errors by requests. figure says what is summed: increase, sum, count or mean; by default what suits the kind of the series.',
        example: [
          {
            name: 'http.error_ratio',
            numerator: { metric: 'http.requests', where: { status: '5*' } },
            denominator: { metric: 'http.requests' },
            by: ['service'],
          },
        ],
      }),
    apdexes: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          metric: pattern,
          where,
          threshold: z.number().positive(),
          by,
        }),
      )
      .max(1_000)
      .default([])
      .meta({
        description:
          'Apdex of durations: those up to threshold, in the unit of the metric, satisfy; those up to four times it are tolerated.',
        example: [{ name: 'http.apdex', metric: 'http.latency', threshold: 300, by: ['service'] }],
      }),
    maxSeriesPerMetric: z.number().int().min(1).max(1_000_000_000).default(1_000_000).meta({
      description:
        'Series of one metric, over all partitions. Points of more go to the series metric{overflow="true"}, so that totals stay right.',
      example: 100_000,
    }),
    tenantTag: z.string().min(1).default('tenant').meta({
      description: 'The tag that says whose a series is.',
      example: 'tenant',
    }),
    maxSeriesPerTenant: z.number().int().min(1).max(1_000_000_000).default(10_000_000).meta({
      description: 'Series of one tenant, over all partitions; more overflow likewise, for each tenant.',
      example: 1_000_000,
    }),
    maxOverflowCounters: z.number().int().min(0).max(1_000_000_000).default(100_000).meta({
      description:
        'Cumulative series beyond these limits whose readings are remembered, over all partitions: overflow series, roll-ups and ratios hold what they gained. Each takes memory nearly as a series of its own. More are left out, and counted.',
      example: 100_000,
    }),
    stateIntervalMs: z.number().int().min(1_000).max(hourMs).default(30_000).meta({
      description:
        'How often, in event time, the long state of each series is written. A restart reads the log again from so long before, plus latenessMs.',
      unit: 'ms',
      example: 30_000,
    }),
  },
  (config) => [...sizeMistakes(config), ...ruleMistakes(config)],
)

export type AggregatorConfig = SectionConfig<typeof aggregatorSection>

function* sizeMistakes({ sizesMs, sliding }: LevelOptions): Generator<Mistake> {
  for (const [i, size] of sizesMs.entries()) {
    const shorter = sizesMs[i - 1]
    if (shorter !== undefined && (size <= shorter || size % shorter !== 0))
      yield { path: ['sizesMs', i], message: `${size} is not a multiple of the size before it, ${shorter}` }
  }
  for (const [i, { sizeMs, stepMs }] of sliding.entries()) {
    const path = ['sliding', i]
    if (sizeMs % stepMs !== 0 || sizeMs === stepMs)
      yield { path, message: `the size ${sizeMs} must be a multiple of the step ${stepMs}, twice or more` }
    if (sizeMs / stepMs > maxOverlap)
      yield { path, message: `${sizeMs / stepMs} windows would overlap at a time: at most ${maxOverlap} may` }
    if (!sizesMs.some((size) => stepMs % size === 0))
      yield { path, message: `the step ${stepMs} is no multiple of any of sizesMs` }
  }
  const identities = levelsOf({ sizesMs, sliding }).map((level) => `${level.sizeMs}/${level.stepMs}`)
  if (new Set(identities).size < identities.length)
    yield { path: ['sliding'], message: 'the same window is there twice' }
}

/** Each point is merged into so many sliding windows. */
const maxOverlap = 60

interface Rules {
  readonly rollUps: readonly RollUpOptions[]
  readonly ratios: readonly RatioOptions[]
  readonly apdexes: readonly ApdexOptions[]
}

/** Two rules that write the same series would overwrite each other, or count twice. */
function* ruleMistakes({ rollUps, ratios, apdexes }: Rules): Generator<Mistake> {
  const written = [
    ...rollUps.map(({ name, metric, by }, i) => ({
      path: ['rollUps', i],
      // Of a pattern, all names that may come of it.
      names: name ?? rollUpName(metric, by),
    })),
    ...ratios.map(({ name }, i) => ({ path: ['ratios', i], names: name })),
    ...apdexes.map(({ name }, i) => ({ path: ['apdexes', i], names: name })),
  ]
  for (const [i, { path, names }] of written.entries()) {
    const other = written.slice(0, i).find((one) => overlap(one.names, names))
    if (!other) continue
    const what = names.includes('*') || other.names.includes('*') ? `some of the metrics ${names}` : names
    yield {
      path,
      message: `it writes ${what}, as ${other.path.join('.')} does: give one of them another name`,
    }
  }
}
