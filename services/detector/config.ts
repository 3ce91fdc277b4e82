import { z } from 'zod'
import { type Mistake, type SectionConfig, section } from '../../shared/config/section.ts'
import { selectorSchema } from '../../shared/series/selector.ts'
import { calendarEntrySchema, calendarMistakes } from './calendar.ts'
import { entityRuleSchema } from './entities/rules.ts'
import { limitRuleSchema } from './limits/limit-rules.ts'
import { seriesDetectors } from './models/registry.ts'
import { peerRuleSchema } from './peers/rules.ts'
import { statistics } from './statistics.ts'

const hourMs = 3_600_000
const oneIn = (value: number) => z.number().min(100).max(1e15).default(value)

export const detectorSection = section(
  'detector',
  'What is an anomaly.',
  {
    model: z
      .enum(seriesDetectors.map(({ name }) => name) as [string, ...string[]])
      .default('ensemble')
      .meta({
        description:
          'The detector that watches each series: all models together, or one of them alone. After a change all series begin anew.',
        example: 'ensemble',
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
    warningOneIn: oneIn(1e6).meta({
      description:
        'How rare a window must be to be an anomaly: one that a healthy series has once in so many. A million windows of 10 s are 116 days.',
      unit: 'windows',
      example: 1e6,
    }),
    majorOneIn: oneIn(1e8).meta({
      description: 'The same for the severity major.',
      unit: 'windows',
      example: 1e8,
    }),
    criticalOneIn: oneIn(1e10).meta({
      description: 'The same for the severity critical.',
      unit: 'windows',
      example: 1e10,
    }),
    bands: z.boolean().default(false).meta({
      description:
        'Whether what was expected of each window, and its normal range, is written to the topic expectations, from where it comes to stand beside the windows in InfluxDB.',
      example: true,
    }),
    cooldownWindows: z.number().int().min(1).max(1_000).default(30).meta({
      description:
        'An anomaly is over when so many windows have passed without alarm. What comes before belongs to the same anomaly.',
      unit: 'windows',
      example: 30,
    }),
    incidentSeries: z.number().int().min(2).max(10_000).default(3).meta({
      description: 'Anomalies of so many series that begin together are told as one incident as well.',
      example: 3,
    }),
    incidentGapMs: z.number().int().min(1_000).max(hourMs).default(60_000).meta({
      description:
        'How long before or after the others of an incident an anomaly may begin, so as to belong to it; the longest of detector.windowSizesMs counts if that is more.',
      unit: 'ms',
      example: 60_000,
    }),
    incidentScope: z
      .array(z.string().min(1))
      .max(10)
      .default([])
      .meta({
        description: 'Tags that keep incidents apart: series that differ in them are never in one.',
        example: ['deployment.environment.name', 'tenant'],
      }),
    revisableMs: z
      .number()
      .int()
      .min(0)
      .max(24 * hourMs)
      .default(60_000)
      .meta({
        description:
          'A window that is revised, or comes late, is judged anew if it ended no longer than this before the latest one of its series. As aggregator.latenessMs.',
        unit: 'ms',
        example: 60_000,
      }),
    stateIntervalMs: z.number().int().min(10_000).max(hourMs).default(300_000).meta({
      description:
        'How often what is known of a series is stored, in event time. After a restart up to twice as much of the windows topic is read again. Shorter restarts faster and writes more.',
      unit: 'ms',
      example: 300_000,
    }),
    missing: z
      .array(selectorSchema)
      .max(100)
      .default([{ metric: '*', where: {} }])
      .meta({
        description:
          'Series of which it is an anomaly that nothing comes any more, by patterns for the metric and for tags that must be there. Leave out what comes and goes, such as series of containers; an empty list is for none.',
        example: [{ metric: 'cpu.*', where: { env: 'prod' } }],
      }),
    calendar: z
      .array(calendarEntrySchema)
      .max(1_000)
      .default([])
      .meta({
        description:
          'Times in which nothing is an anomaly, and nothing is learnt, such as maintenance and holidays; of all series, or of those that metric and where choose. With every they come again each day, week or year, in UTC.',
        example: [
          {
            from: '2026-03-01T02:00:00Z',
            to: '2026-03-01T04:00:00Z',
            every: 'week',
            where: { service: 'shop' },
          },
        ],
      }),
    limits: z
      .array(limitRuleSchema)
      .max(1_000)
      .default([
        { metric: 'system.memory.utilization', where: { 'system.memory.state': 'used' }, limit: 1 },
        { metric: 'system.paging.utilization', where: { 'system.paging.state': 'used' }, limit: 1 },
        { metric: 'system.filesystem.utilization', where: {}, limit: 1 },
        { metric: '*.saturation', where: {}, limit: 1 },
        { metric: '*used_percent', where: {}, limit: 100 },
      ])
      .meta({
        description:
          'Values that series must not meet, from below or from above. Anomalies of a series that is on its way to one say when it meets it. Of several rules for a series each holds.',
        example: [
          { metric: 'redis.memory.used', where: { service: 'shop' }, limit: 16e9 },
          { metric: 'certificate.days_left', limit: 0 },
        ],
      }),
    limitAheadMs: z
      .number()
      .int()
      .min(0)
      .max(7 * 24 * hourMs)
      .default(4 * hourMs)
      .meta({
        description:
          'That a limit will be met so soon, at the latest, is an anomaly by itself, if the series has gone that way for at least as long.',
        unit: 'ms',
        example: 4 * hourMs,
      }),
    deployWindows: z.number().int().min(1).max(1_000).default(30).meta({
      description:
        'An anomaly that begins within so many windows of a deploy of its series, told by tidemark mark, says so.',
      unit: 'windows',
      example: 30,
    }),
    feedbackHalfLifeMs: z
      .number()
      .int()
      .min(hourMs)
      .max(365 * 24 * hourMs)
      .default(30 * 24 * hourMs)
      .meta({
        description:
          'How long until half is forgotten of what tidemark mark expected or real has moved the threshold of a series by.',
        unit: 'ms',
        example: 30 * 24 * hourMs,
      }),
    peers: z
      .array(peerRuleSchema)
      .max(100)
      .default([])
      .meta({
        description:
          'Series that are compared with each other: those that metric and where choose and that are alike in the tags by, such as the CPU of all hosts of a service. One that begins to differ from its siblings is an anomaly of the kind peer. The first rule that chooses a series counts.',
        example: [{ metric: 'cpu.*', by: ['service'] }],
      }),
    entities: z
      .array(entityRuleSchema)
      .max(100)
      .default([])
      .meta({
        description:
          'Series that are looked at together, as fields of one entity: those of any of the metrics that have the same tags by, such as CPU, memory and disks of a host; 16 at most. That they are together as never before is an anomaly of the series name with these tags. The first rule that chooses a series counts.',
        example: [{ name: 'host', metrics: ['cpu.usage', 'mem.used', 'diskio.*'], by: ['host'] }],
      }),
    forgetMs: z
      .number()
      .int()
      .min(60_000)
      .max(90 * 24 * hourMs)
      .default(48 * hourMs)
      .meta({
        description: 'A series of which nothing has come for so long is forgotten.',
        unit: 'ms',
        example: 48 * hourMs,
      }),
  },
  mistakesIn,
)

export type DetectorConfig = SectionConfig<typeof detectorSection>

interface Combined {
  readonly calendar: Parameters<typeof calendarMistakes>[0]
  readonly warningOneIn: number
  readonly majorOneIn: number
  readonly criticalOneIn: number
  readonly windowSizesMs: readonly number[]
  readonly forgetMs: number
}

function* mistakesIn({
  calendar,
  warningOneIn,
  majorOneIn,
  criticalOneIn,
  windowSizesMs,
  forgetMs,
}: Combined): Generator<Mistake> {
  yield* calendarMistakes(calendar)
  if (majorOneIn < warningOneIn)
    yield {
      path: ['majorOneIn'],
      message: `a major anomaly can't be less rare than detector.warningOneIn, ${warningOneIn}`,
    }
  if (criticalOneIn < majorOneIn)
    yield {
      path: ['criticalOneIn'],
      message: `a critical anomaly can't be less rare than detector.majorOneIn, ${majorOneIn}`,
    }
  for (const [i, size] of windowSizesMs.entries()) {
    if (size * 2 <= forgetMs) continue
    yield {
      path: ['windowSizesMs', i],
      message: `a series would be forgotten (detector.forgetMs, ${forgetMs}) between two windows of ${size} ms`,
    }
  }
}
