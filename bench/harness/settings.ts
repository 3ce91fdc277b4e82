/** Settings of our services that differ from their defaults, by environment variable: the one place that names them. */

/** Tumbling windows of one size, as the peer computes; a grace of 5 s; no waiting for telemetry that will not come. */
export const aggregatorSettings = (windowMs: number): Readonly<Record<string, string>> => ({
  TIDEMARK_AGGREGATOR_WINDOW_MS: String(windowMs),
  TIDEMARK_AGGREGATOR_DISORDER_MS: '5000',
})

export const topicSettings = (partitions: number): Readonly<Record<string, string>> => ({
  TIDEMARK_TOPICS_PARTITIONS: String(partitions),
})
