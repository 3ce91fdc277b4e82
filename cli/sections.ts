import { aggregatorSection } from '../services/aggregator/config.ts'
import { checkRetention as checkAggregatorRetention } from '../services/aggregator/retention.ts'
import { detectorSection } from '../services/detector/config.ts'
import { checkRetention as checkDetectorRetention } from '../services/detector/retention.ts'
import { elasticsearchSinkSection } from '../services/elasticsearch-sink/config.ts'
import { influxSinkSection } from '../services/influx-sink/config.ts'
import { normalizerSection } from '../services/normalizer/config.ts'
import { type ConfigSource, loadConfig } from '../shared/config/load.ts'
import { elasticsearchSection } from '../shared/elasticsearch/config.ts'
import { ConfigurationError } from '../shared/errors.ts'
import { influxSection } from '../shared/influx/config.ts'
import { topicsSection } from '../shared/kafka/topics-config.ts'
import { serviceSections } from '../shared/stream/service-sections.ts'

/** The whole configuration file, by section. */
export const allSections = {
  kafka: serviceSections.kafka,
  registry: serviceSections.registry,
  influx: influxSection,
  elasticsearch: elasticsearchSection,
  topics: topicsSection,
  worker: serviceSections.worker,
  http: serviceSections.http,
  log: serviceSections.log,
  normalizer: normalizerSection,
  aggregator: aggregatorSection,
  detector: detectorSection,
  'influx-sink': influxSinkSection,
  'elasticsearch-sink': elasticsearchSinkSection,
}

/** All that it says. */
export type Config = ReturnType<typeof loadConfig<typeof allSections>>

/** The whole configuration. Throws ConfigurationError also when what sections say of one another does not fit together. */
export function loadAll(source?: Partial<ConfigSource>): Config {
  const config = loadConfig(allSections, source)
  checkAggregatorRetention(config)
  checkDetectorRetention(config)
  checkLengths(config)
  checkClocks(config)
  checkTenantTag(config)
  return config
}

/** The detector would wait for ever for windows of lengths that nobody makes. */
function checkLengths({ aggregator, detector }: Config): void {
  const unknown = detector.windowSizesMs.find((size) => !aggregator.sizesMs.includes(size))
  if (unknown !== undefined)
    throw new ConfigurationError(
      `detector.windowSizesMs has ${unknown}, but aggregator.sizesMs makes windows of ${aggregator.sizesMs.join(', ')} ms only.`,
    )
}

/** What the normalizer lets through the aggregator must take. */
function checkClocks({ aggregator, normalizer }: Config): void {
  if (normalizer.maxFutureMs > aggregator.maxAheadMs)
    throw new ConfigurationError(
      `normalizer.maxFutureMs, ${normalizer.maxFutureMs}, is more than aggregator.maxAheadMs, ${aggregator.maxAheadMs}: the aggregator would refuse points that the normalizer has let through.`,
    )
}

/** Quotas and the limits on series would mean different tenants. */
function checkTenantTag({ aggregator, normalizer }: Config): void {
  const { from, name, tag } = normalizer.tenants
  const carrier = tag === '' && from === 'tag' ? name : tag
  if (from !== 'none' && carrier !== '' && carrier !== aggregator.tenantTag)
    throw new ConfigurationError(
      `normalizer.tenants writes the tenant into the tag “${carrier}”, but aggregator.tenantTag is “${aggregator.tenantTag}”: give both the same name.`,
    )
}
