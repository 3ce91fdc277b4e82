import { z } from 'zod'
import { type SectionConfig, section } from '../../shared/config/section.ts'
import { derivedPointSettings, mistakesInDerived } from './derived/settings.ts'
import { duplicateSettings } from './duplicates/settings.ts'
import { isZone } from './formats/parts/zone.ts'
import { logRuleSettings } from './rules/log-rule-settings.ts'
import { mistakesInRules } from './rules/mistakes.ts'
import { pointRuleSettings } from './rules/point-rule-settings.ts'
import { mistakesInTenants, tenantSetting } from './tenants/tenant-settings.ts'

export const normalizerSection = section(
  'normalizer',
  'What is read from the raw topics, and what is refused.',
  {
    inputTopics: z
      .array(z.string().min(1))
      .min(1)
      .default(['telemetry.raw.metrics', 'telemetry.raw.logs', 'telemetry.raw.traces'])
      .meta({ description: 'Raw topics to read.', example: ['telemetry.raw.metrics', 'telegraf'] }),
    formats: z
      .record(z.string(), z.string())
      .default({})
      .meta({
        description:
          'The format of a raw topic, by its name in docs/formats.md. Other topics go by the record’s content-type header, else the format is recognized from the bytes.',
        example: { telegraf: 'influx' },
      }),
    kinds: z
      .record(z.string().min(1), z.enum(['gauge', 'counter', 'delta', 'distribution']))
      .default({})
      .meta({
        description:
          'What the numbers of a metric mean, where its format does not say: gauge, counter (cumulative), delta (added since the last point) or distribution (raw samples). In the metric’s name * stands for anything; the first that matches counts. All others are gauges.',
        example: { '*_total': 'counter', 'http.latency': 'distribution' },
      }),
    names: z.enum(['original', 'canonical']).default('original').meta({
      description:
        'What metrics are called: as agents call them, or by the names, units and kinds of OpenTelemetry, if docs/names.md lists them.',
      example: 'canonical',
    }),
    originalNameTag: z.string().max(64).default('').meta({
      description:
        'With canonical names, the tag that keeps the name that the agent gave; none when empty. Agents that measure the same are then different series.',
      example: 'metric.original',
    }),
    timeZone: z
      .string()
      .default('UTC')
      .refine(isZone, 'no time zone that is known here: a name such as Europe/Berlin, or UTC')
      .meta({
        description: 'Where log lines that tell the time without an offset were written.',
        example: 'Europe/Berlin',
      }),
    timestampPrecision: z.enum(['ns', 'us', 'ms', 's', 'm', 'h']).default('ns').meta({
      description: 'Unit of timestamps in line protocol, unless the record has a header “precision”.',
      example: 'ns',
    }),
    maxMessageBytes: z.number().int().min(1_024).max(134_217_728).default(1_048_576).meta({
      description: 'Larger records are refused.',
      unit: 'bytes',
      example: 1_048_576,
    }),
    maxUnpackedBytes: z.number().int().min(1_024).max(134_217_728).default(16_777_216).meta({
      description: 'Records that are compressed inside, and would unpack to more, are refused.',
      unit: 'bytes',
      example: 16_777_216,
    }),
    earliestTime: z.iso.datetime().default('2000-01-01T00:00:00Z').meta({
      description: 'Events from before are refused: their clock, or their unit of time, is wrong.',
      example: '2000-01-01T00:00:00Z',
    }),
    maxFutureMs: z.number().int().min(1_000).max(86_400_000).default(600_000).meta({
      description:
        'Events further ahead of the broker’s clock are refused, lest one wrong clock close everyone’s windows.',
      unit: 'ms',
      example: 600_000,
    }),
    maxTags: z
      .number()
      .int()
      .min(1)
      .max(1_000)
      .default(64)
      .meta({ description: 'Tags of a series; a point with more is refused.', example: 64 }),
    maxNameBytes: z.number().int().min(16).max(65_536).default(1_024).meta({
      description: 'Longest metric name, tag key or tag value.',
      unit: 'bytes',
      example: 1_024,
    }),
    maxAttributes: z.number().int().min(1).max(10_000).default(256).meta({
      description:
        'Attributes of a log event; what is beyond them is kept together as JSON in the attribute “overflow”.',
      example: 256,
    }),
    resourceTags: z
      .array(z.string().min(1))
      .max(100)
      .default([
        'service.name',
        'service.namespace',
        'service.instance.id',
        'deployment.environment*',
        'host.name',
        'container.name',
        'k8s.*.name',
        'cloud.region',
        'cloud.availability_zone',
      ])
      .meta({
        description:
          'Attributes of an OTLP resource that become tags of its metrics; * stands for anything. Together they must tell processes apart that write the same metrics.',
        example: ['service.name', 'service.instance.id', 'k8s.*.name'],
      }),
    joinLinesMs: z.number().int().min(0).max(60_000).default(2_000).meta({
      description:
        'How long a log event of several lines, such as a stack trace, waits for its next line, when they come in several records; 0 joins lines of one record only.',
      unit: 'ms',
      example: 2_000,
    }),
    maxJoinedSources: z.number().int().min(1).max(150).default(100).meta({
      description: 'Sources of a partition whose last log event may wait for its next line at a time.',
      example: 100,
    }),
    maxEventLines: z.number().int().min(1).max(100_000).default(1_000).meta({
      description: 'Lines of one log event; what comes after them is another event.',
      example: 1_000,
    }),
    maxEventLength: z.number().int().min(1_024).max(10_000_000).default(262_144).meta({
      description:
        'Length of a log event that is put together of several lines; what comes after is another event.',
      unit: 'characters',
      example: 262_144,
    }),
    cachedSeries: z.number().int().min(1_000).max(100_000_000).default(200_000).meta({
      description: 'Series whose identity each task keeps at hand, some hundred bytes each.',
      example: 200_000,
    }),
    maxPointsInRecord: z.number().int().min(1).max(100_000).default(50_000).meta({
      description: 'Points in one record of the points topic; records are cut at 850 kB in any case.',
      example: 50_000,
    }),
    ...duplicateSettings,
    ...pointRuleSettings,
    ...logRuleSettings,
    ...derivedPointSettings,
    ...tenantSetting,
  },
  (config) => [...mistakesInRules(config), ...mistakesInDerived(config), ...mistakesInTenants(config)],
)

export type NormalizerConfig = SectionConfig<typeof normalizerSection>
