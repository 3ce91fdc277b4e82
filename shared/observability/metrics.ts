import { createRequire } from 'node:module'
import type { Counter, Gauge, Histogram, Metric } from 'prom-client'
import { BucketCounts } from './bucket-counts.ts'

export type { Counter, Gauge, Histogram } from 'prom-client'

type Package = typeof import('prom-client')

/** Its parts that are used: the whole package loads OpenTelemetry for metrics of the process that nobody asks it for. */
const part = createRequire(import.meta.url)
const Registry = part('prom-client/lib/registry') as Package['Registry']
const prometheus = {
  Counter: part('prom-client/lib/counter') as Package['Counter'],
  Gauge: part('prom-client/lib/gauge') as Package['Gauge'],
  Histogram: part('prom-client/lib/histogram') as Package['Histogram'],
}

interface Definition<L extends string> {
  /** In Prometheus style with the unit in the name; `tidemark_` is put before it. */
  readonly name: string
  readonly help: string
  readonly labels?: readonly L[]
}

/** The metrics of one process. Asking again for a name gives the same metric, so tasks of several partitions share one. */
export interface Metrics {
  counter<L extends string = never>(definition: Definition<L>): Counter<L>
  /** `collect` is called when the metrics are read, to set the gauge then. */
  gauge<L extends string = never>(
    definition: Definition<L> & { readonly collect?: () => void | Promise<void> },
  ): Gauge<L>
  histogram<L extends string = never>(
    definition: Definition<L> & { readonly buckets: readonly number[] },
  ): Histogram<L>
  /** A histogram of values that are too many to be told one by one. */
  bucketCounts<L extends string = never>(
    definition: Definition<L> & { readonly buckets: readonly number[] },
  ): BucketCounts<L>
  /** Prometheus text exposition. */
  expose(): Promise<string>
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  const known = new Map<string, unknown>()
  const once = <M>(name: string, make: () => M): M => {
    if (!known.has(name)) known.set(name, make())
    return known.get(name) as M
  }
  const options = <L extends string>({ name, help, labels = [] }: Definition<L>) => ({
    name: `tidemark_${name}`,
    help,
    labelNames: labels,
    registers: [registry],
  })
  return {
    counter: (definition) => once(definition.name, () => new prometheus.Counter(options(definition))),
    gauge: (definition) =>
      once(
        definition.name,
        () =>
          new prometheus.Gauge({
            ...options(definition),
            ...(definition.collect && { collect: definition.collect }),
          }),
      ),
    histogram: (definition) =>
      once(
        definition.name,
        () => new prometheus.Histogram({ ...options(definition), buckets: [...definition.buckets] }),
      ),
    bucketCounts: (definition) =>
      once(definition.name, () => {
        const { name, help, labelNames } = options(definition)
        const counts = new BucketCounts(name, help, labelNames, definition.buckets)
        // The registry asks a metric for nothing but this; its type asks for all that a histogram can do.
        registry.registerMetric(counts as unknown as Metric)
        return counts
      }),
    expose: () => registry.metrics(),
  }
}
