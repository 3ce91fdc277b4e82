/** Settings of our services that differ from their defaults, by environment variable: the one place that names them. */
export type Settings = Readonly<Record<string, string>>

/** Tumbling windows of one size, as the peer computes. */
export const aggregatorSettings = (windowMs: number, disorderMs = 5_000): Settings => ({
  TIDEMARK_AGGREGATOR_SIZES_MS: String(windowMs),
  TIDEMARK_AGGREGATOR_DISORDER_MS: String(disorderMs),
})

/** Windows stay open though nothing comes. */
export const neverIdle: Settings = { TIDEMARK_AGGREGATOR_IDLE_MS: '3600000' }

export const topicSettings = (partitions: number): Settings => ({
  TIDEMARK_TOPICS_PARTITIONS: String(partitions),
})
