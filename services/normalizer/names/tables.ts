import { collectdHost, metricbeatHost, nodeExporterHost } from './host-others.ts'
import { telegrafHost } from './host-telegraf.ts'
import type { MappingGroup } from './mapping.ts'

/** All names that are known, one group a subject and agent. */
export const groups: readonly MappingGroup[] = [telegrafHost, nodeExporterHost, collectdHost, metricbeatHost]

export const allMappings = groups.flatMap(({ mappings }) => mappings)
