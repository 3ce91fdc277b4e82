import type { Counter, Histogram, Metrics } from '../../shared/observability/metrics.ts'

export interface ElasticsearchSinkMetrics {
  readonly documents: Counter<'outcome'>
  readonly seconds: Histogram
}

export function elasticsearchSinkMetrics(metrics: Metrics): ElasticsearchSinkMetrics {
  return {
    documents: metrics.counter({
      name: 'elasticsearch_documents_total',
      help: 'Documents by what became of them: written, present before, or refused for good.',
      labels: ['outcome'],
    }),
    seconds: metrics.histogram({
      name: 'elasticsearch_bulk_seconds',
      help: 'Time of a bulk request.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    }),
  }
}
