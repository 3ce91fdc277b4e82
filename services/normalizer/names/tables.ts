import {
  exporterMysql,
  exporterRedis,
  metricbeatMysql,
  metricbeatRedis,
  telegrafMysql,
  telegrafRedis,
} from './databases.ts'
import { collectdHost, metricbeatHost, nodeExporterHost } from './host-others.ts'
import { telegrafHost } from './host-telegraf.ts'
import { micrometerHttp, prometheusHttp, telegrafNginx } from './http.ts'
import { hikariPools, micrometerPools, prometheusJvm, telegrafJvm } from './jvm.ts'
import { kafkaExporter, kafkaJmx, metricbeatZookeeper, telegrafZookeeper } from './kafka.ts'
import type { Mapping, MappingGroup } from './mapping.ts'
import { prometheusMessaging, statsdMessaging } from './messaging.ts'

/** All names that are known, one group a subject and agent. */
export const groups: readonly MappingGroup[] = [
  telegrafHost,
  nodeExporterHost,
  collectdHost,
  metricbeatHost,
  telegrafMysql,
  exporterMysql,
  metricbeatMysql,
  telegrafRedis,
  exporterRedis,
  metricbeatRedis,
  kafkaExporter,
  kafkaJmx,
  telegrafZookeeper,
  metricbeatZookeeper,
  prometheusJvm,
  telegrafJvm,
  micrometerPools,
  hikariPools,
  micrometerHttp,
  prometheusHttp,
  telegrafNginx,
  statsdMessaging,
  prometheusMessaging,
]

export const allMappings: readonly Mapping[] = groups.flatMap(({ mappings }) => mappings)
