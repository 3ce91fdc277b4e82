import type { Anomaly, Tag } from '../../shared/avro/types.ts'

interface Chosen {
  readonly metric?: string
  readonly tags?: readonly Tag[]
  readonly start?: number
}

/** An incident of a gauge that has just begun. */
export const anyAnomaly = ({ metric = 'm', tags = [], start = 1_700_000_000_000 }: Chosen = {}): Anomaly => ({
  id: 'x',
  revision: 0,
  state: 'open',
  series: { metric, tags, kind: 'gauge', unit: '' },
  windowSizeMs: 10_000,
  statistic: 'mean',
  model: 'robust-z-score',
  windowStart: start,
  start,
  peak: start,
  end: null,
  windows: 1,
  kind: 'spike',
  severity: 'major',
  direction: 'above',
  value: 9,
  score: 12,
  likelihood: 0.999_999_99,
  surprise: 18.4,
  expected: 1,
  lower: 0,
  upper: 2,
  contributions: [{ model: 'robust-z-score', share: 1 }],
  limit: null,
  reachesLimitAt: null,
  reachesLimitEarliest: null,
  reachesLimitLatest: null,
  deploy: null,
  message: 'm: mean rose to 9, normal is 0 to 2',
})
