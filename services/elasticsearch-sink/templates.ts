import type { FieldMapping, IndexTemplate } from '../../shared/elasticsearch/index-template.ts'
import type { ElasticsearchSinkConfig } from './config.ts'

/** Raised with each change of the mappings below. */
const version = 3

/** A keyword longer than this is kept in the document but not found by its value; Lucene's own limit is 32,766 bytes. */
const keyword: FieldMapping = { type: 'keyword', ignore_above: 8_191 }

/** Strangers' keys go into one flattened field, so they can't make the mapping grow. */
const flattened: FieldMapping = { type: 'flattened', ignore_above: 8_191 }

/** Fields are named as in the Elastic Common Schema. */
const logs: Record<string, FieldMapping> = {
  '@timestamp': { type: 'date' },
  message: { type: 'text' },
  log: { properties: { level: keyword } },
  service: { properties: { name: keyword } },
  host: { properties: { name: keyword } },
  trace: { properties: { id: keyword } },
  span: { properties: { id: keyword } },
  attributes: flattened,
}

const anomalies: Record<string, FieldMapping> = {
  '@timestamp': { type: 'date' },
  message: { type: 'text' },
  state: keyword,
  severity: keyword,
  kind: keyword,
  metric: keyword,
  tags: flattened,
  statistic: keyword,
  model: keyword,
  direction: keyword,
  value: { type: 'double' },
  score: { type: 'double' },
  likelihood: { type: 'double' },
  expected: { type: 'double' },
  lower: { type: 'double' },
  upper: { type: 'double' },
  contributions: { properties: { model: keyword, share: { type: 'double' } } },
  limit: {
    properties: {
      value: { type: 'double' },
      reached: { type: 'date' },
      earliest: { type: 'date' },
      latest: { type: 'date' },
    },
  },
  deploy: { properties: { id: keyword, at: { type: 'date' }, text: { type: 'text' } } },
  episode: {
    properties: {
      start: { type: 'date' },
      peak: { type: 'date' },
      end: { type: 'date' },
      windows: { type: 'integer' },
    },
  },
  window: { properties: { start: { type: 'date' }, size_ms: { type: 'long' } } },
  revision: { type: 'integer' },
}

const incidents: Record<string, FieldMapping> = {
  '@timestamp': { type: 'date' },
  end: { type: 'date' },
  message: { type: 'text' },
  state: keyword,
  severity: keyword,
  scope: flattened,
  series: { type: 'integer' },
  metrics: { type: 'integer' },
  open_series: { type: 'integer' },
  causes: {
    properties: {
      key: keyword,
      value: keyword,
      series: { type: 'integer' },
      share: { type: 'double' },
      gain: { type: 'double' },
    },
  },
  members: {
    properties: {
      anomaly: keyword,
      metric: keyword,
      tags: flattened,
      statistic: keyword,
      kind: keyword,
      severity: keyword,
      start: { type: 'date' },
      likelihood: { type: 'double' },
      score: { type: 'double' },
      is_over: { type: 'boolean' },
    },
  },
  revision: { type: 'integer' },
}

const windows: Record<string, FieldMapping> = {
  '@timestamp': { type: 'date' },
  metric: keyword,
  tags: flattened,
  kind: keyword,
  unit: keyword,
  window: { properties: { size_ms: { type: 'long' }, step_ms: { type: 'long' } } },
  count: { type: 'long' },
  ...Object.fromEntries(
    [
      'sum',
      'min',
      'max',
      'mean',
      'rate',
      'p50',
      'p90',
      'p95',
      'p99',
      'increase',
      'numerator',
      'denominator',
    ].map((figure): [string, FieldMapping] => [figure, { type: 'double' }]),
  ),
  distinct: { type: 'long' },
  exemplar: {
    properties: {
      trace: { properties: { id: keyword } },
      span: { properties: { id: keyword } },
      value: { type: 'double' },
      time: { type: 'date' },
    },
  },
  revision: { type: 'integer' },
}

/** The index templates by name. */
export function templatesOf(
  prefix: string,
  config: ElasticsearchSinkConfig,
): ReadonlyMap<string, IndexTemplate> {
  const template = (kind: string, properties: Record<string, FieldMapping>): [string, IndexTemplate] => [
    `${prefix}-${kind}`,
    {
      index_patterns: [`${prefix}-${kind}-*`],
      version,
      priority: 200,
      template: {
        settings: {
          'index.number_of_shards': config.shards,
          'index.number_of_replicas': config.replicas,
          'index.refresh_interval': '1s',
        },
        mappings: { dynamic: false, properties },
      },
    },
  ]
  return new Map([
    template('logs', logs),
    template('anomalies', anomalies),
    template('incidents', incidents),
    ...(config.windows ? [template('windows', windows)] : []),
  ])
}
