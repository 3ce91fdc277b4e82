import { z } from 'zod'
import type { Mistake } from '../../../shared/config/section.ts'
import { maxMemoLength } from '../derived/bounded-values.ts'
import { maxBudgetMemo } from '../rules/budgets.ts'

/** A name becomes the value of a tag, and a part of what is remembered. */
export const maxTenantBytes = 128

const maxQuotas = 100
const pointsPerSecond = z.number().int().min(1).max(100_000_000)
const bytesPerSecond = z.number().int().min(1).max(10_000_000_000)

const quota = z
  .strictObject({
    tenant: z.string().min(1).max(maxTenantBytes),
    pointsPerSecond: pointsPerSecond.optional(),
    bytesPerSecond: bytesPerSecond.optional(),
    series: z.number().int().min(1).max(1_000_000).optional(),
    weight: z.number().int().min(1).max(1_000).optional(),
  })
  .refine(
    ({ tenant: _, ...limits }) => Object.values(limits).some((limit) => limit !== undefined),
    'the quota limits nothing: give it pointsPerSecond, bytesPerSecond, series or weight',
  )

const tenantSettings = z.strictObject({
  from: z.enum(['none', 'header', 'topic', 'tag']).default('none').meta({
    description:
      'What tells whose a record is: a header, its topic, or a tag of each point. See docs/tenants.md.',
    example: 'header',
  }),
  name: z.string().min(1).max(249).default('tenant').meta({
    description: 'Name of that header or tag.',
    example: 'team',
  }),
  topicPattern: z.string().max(249).default('').meta({
    description:
      'With `from: topic`, where in a topic’s name its tenant stands: {tenant} is any text without a dot, * is anything.',
    example: 'telemetry.raw.{tenant}.*',
  }),
  default: z
    .string()
    .min(1)
    .max(maxTenantBytes)
    .default('default')
    .meta({ description: 'The tenant of what tells none.', example: 'shared' }),
  tag: z.string().max(1_024).default('tenant').meta({
    description:
      'Tag of points, and attribute of logs and spans, that says from then on whose they are; none when empty.',
    example: 'tenant',
  }),
  quotas: z
    .array(quota)
    .max(maxQuotas)
    .default([])
    .meta({
      description:
        'What each tenant may send, over all partitions of a raw topic: pointsPerSecond, bytesPerSecond, and its weight when the capacity is shared; and in each partition: series, those that differ within seriesWindowMs. In a tenant’s name * stands for anything, and the first that matches counts. What is beyond goes to the parking topic.',
      example: [
        { tenant: 'payments', pointsPerSecond: 50_000, weight: 4 },
        { tenant: '*', pointsPerSecond: 10_000 },
      ],
    }),
  capacity: z
    .strictObject({
      pointsPerSecond: pointsPerSecond.optional().meta({
        description: 'Points of all tenants together; who needs less than its share lends it to the others.',
        unit: 'points/s',
        example: 400_000,
      }),
      bytesPerSecond: bytesPerSecond.optional().meta({
        description: 'Bytes of all tenants together, shared likewise.',
        unit: 'bytes/s',
        example: 50_000_000,
      }),
    })
    .prefault({}),
  burstSeconds: z.number().int().min(1).max(60).default(10).meta({
    description: 'So many seconds’ worth of its quota a tenant may send at once.',
    unit: 's',
    example: 10,
  }),
  seriesWindowMs: z.number().int().min(10_000).max(3_600_000).default(600_000).meta({
    description:
      'How long the series of a tenant are counted before it may show others, by the broker’s time. A restart reads again what came since the last time that counting began.',
    unit: 'ms',
    example: 600_000,
  }),
  maxTenants: z.number().int().min(1).max(150).default(40).meta({
    description:
      'Tenants of a partition whose use is counted at a time; those beyond that no quota names share one account for each quota.',
    example: 40,
  }),
})

export type TenantSettings = z.output<typeof tenantSettings>

export const tenantSetting = { tenants: tenantSettings.prefault({}) }

/** What an account takes in the commit's memo at most: its name, its quota, what it has used. */
export const maxAccountMemo = 28
/** Of a commit's 4,096 bytes, those for the memo of lines, rules, derived points and tenants. */
const maxMemo = 3_850

/** What no setting can know by itself. */
export function* mistakesInTenants(settings: {
  readonly tenants: TenantSettings
  readonly joinLinesMs: number
  readonly maxJoinedSources: number
  readonly logRules: readonly unknown[]
  readonly derivedPoints: readonly unknown[]
}): Iterable<Mistake> {
  const { tenants } = settings
  for (const [key, message] of mistakesIn(tenants)) yield { path: ['tenants', key], message }
  if (tenants.from === 'none' || !hasLimits(tenants)) return
  const others =
    (settings.joinLinesMs > 0 ? 18 * settings.maxJoinedSources : 0) +
    (settings.logRules.length > 0 ? maxBudgetMemo : 0) +
    (settings.derivedPoints.length > 0 ? maxMemoLength : 0)
  const most = Math.floor((maxMemo - others) / maxAccountMemo)
  if (tenants.maxTenants > most)
    yield {
      path: ['tenants', 'maxTenants'],
      message: `a commit has room for ${most} beside the ${settings.maxJoinedSources} of normalizer.maxJoinedSources; fewer of those make more room`,
    }
}

function* mistakesIn(tenants: TenantSettings): Iterable<readonly [key: string, message: string]> {
  const { from, topicPattern, quotas, capacity, maxTenants } = tenants
  if (from === 'none' && hasLimits(tenants))
    yield ['from', 'quotas and capacity need it: say what tells whose a record is']
  if (from === 'topic' && !/^[\w.*-]*\{tenant\}[\w.*-]*$/.test(topicPattern))
    yield ['topicPattern', 'it is a topic’s name with {tenant} once in it, such as telemetry.raw.{tenant}.*']
  const limitsBytes = capacity.bytesPerSecond !== undefined || quotas.some((one) => one.bytesPerSecond)
  if (from === 'tag' && limitsBytes)
    yield [
      'from',
      'bytes are those of whole records, and a tag is a point’s: bytesPerSecond needs a header or the topic',
    ]
  if (from === 'topic' && (capacity.pointsPerSecond ?? capacity.bytesPerSecond) !== undefined)
    yield ['capacity', 'tenants with topics of their own have nothing to share: give them quotas']
  const names = quotas.map(({ tenant }) => tenant)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) yield ['quotas', `there are two quotas of ${twice}`]
  if (quotas.length >= maxTenants)
    yield ['maxTenants', `it must be more than the number of quotas, ${quotas.length}`]
}

/** Whether there is anything to count. */
export const hasLimits = ({ quotas, capacity }: TenantSettings) =>
  quotas.length > 0 || capacity.pointsPerSecond !== undefined || capacity.bytesPerSecond !== undefined

/** For a replay and a dry run: they tell whose a record is, and hold nobody to a quota. */
export const withoutLimits = <T extends { readonly tenants: TenantSettings }>(config: T): T => ({
  ...config,
  tenants: { ...config.tenants, quotas: [], capacity: {} },
})
