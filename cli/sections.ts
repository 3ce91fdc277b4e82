import { aggregatorSection } from '../services/aggregator/config.ts'
import { detectorSection } from '../services/detector/config.ts'
import { elasticsearchSinkSection } from '../services/elasticsearch-sink/config.ts'
import { influxSinkSection } from '../services/influx-sink/config.ts'
import { normalizerSection } from '../services/normalizer/config.ts'
import type { loadConfig } from '../shared/config/load.ts'
import { elasticsearchSection } from '../shared/elasticsearch/config.ts'
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
