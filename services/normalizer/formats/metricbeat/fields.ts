import type { SeriesKind } from '../../../../shared/avro/types.ts'
import { matches } from '../../../../shared/series/pattern.ts'

/**
 * Last parts of names that say which thing an event is about, as opposed to what was measured of it: they are the
 * fields that Elastic's packages mark as dimensions, but for those that others tell as well.
 */
const identities: ReadonlySet<string> = new Set([
  'id',
  'name',
  'pid',
  'device_name',
  'mount_point',
  'interface',
  'namespace',
  'topic',
  'partition',
  'vhost',
  'hostname',
  'service_name',
  'digest',
])

/** Below these, names say nothing of what is measured, or change while the thing stays the same. */
const notIdentities = [
  '*.cgroup.*',
  '*.client.*',
  '*.container.labels.*',
  '*.server.*',
  'kubernetes.labels.*',
]

/** Whether a field of the module says which thing the event is about. */
export const isIdentity = (path: string): boolean =>
  path.startsWith('prometheus.labels.') ||
  (identities.has(path.slice(path.lastIndexOf('.') + 1)) &&
    !notIdentities.some((pattern) => matches(pattern, path)))

/** Numbers that only grow, in the modules for hosts, containers and the usual servers. */
const counters = [
  'system.cpu.*.ticks',
  'system.core.*.ticks',
  'system.process.cpu.*.ticks',
  'system.process.cpu.total.value',
  'system.network.in.*',
  'system.network.out.*',
  'system.diskio.read.*',
  'system.diskio.write.*',
  'system.diskio.io.time',
  'docker.network.inbound.*',
  'docker.network.outbound.*',
  'docker.cpu.*.ticks',
  'docker.diskio.*.bytes',
  'docker.diskio.*.ops',
  'kubernetes.*.network.rx.*',
  'kubernetes.*.network.tx.*',
  'kubernetes.*.cpu.usage.core.ns',
  'mysql.status.aborted.*',
  'mysql.status.binlog.cache.*',
  'mysql.status.bytes.*',
  'mysql.status.command.*',
  'mysql.status.connections',
  'mysql.status.created.tmp.*',
  'mysql.status.flush_commands',
  'mysql.status.handler.*',
  'mysql.status.innodb.buffer_pool.pages.flushed',
  'mysql.status.innodb.buffer_pool.pool.*',
  'mysql.status.innodb.buffer_pool.read.*',
  'mysql.status.innodb.buffer_pool.write_requests',
  'mysql.status.opened_tables',
  'mysql.status.queries',
  'mysql.status.questions',
  'mysql.status.threads.created',
  'redis.info.cpu.used.*',
  'redis.info.stats.commands_processed',
  'redis.info.stats.connections.*',
  'redis.info.stats.keys.*',
  'redis.info.stats.keyspace.*',
  'redis.info.stats.net.*.bytes',
  'redis.info.stats.sync.*',
  'zookeeper.mntr.packets.*',
  'kafka.partition.offset.*',
  'kafka.consumergroup.offset',
  'nginx.stubstatus.accepts',
  'nginx.stubstatus.handled',
  'nginx.stubstatus.requests',
  'nginx.stubstatus.dropped',
  'apache.status.total_*',
  'postgresql.database.blocks.*',
  'postgresql.database.conflicts',
  'postgresql.database.deadlocks',
  'postgresql.database.rows.*',
  'postgresql.database.temporary.*',
  'postgresql.database.transactions.*',
  'mongodb.status.network.*',
  'mongodb.status.ops.counters.*',
  'prometheus.*.counter',
]

/** Undefined where Metricbeat's own documentation does not tell either. */
export const kindOf = (path: string): SeriesKind | undefined =>
  counters.some((pattern) => matches(pattern, path)) ? 'counter' : undefined

/** Last parts of names that are units, in UCUM. `pct` is a fraction of 1. */
const units: ReadonlyMap<string, string> = new Map([
  ['pct', '1'],
  ['bytes', 'By'],
  ['sec', 's'],
  ['ms', 'ms'],
  ['us', 'us'],
  ['ns', 'ns'],
])

export const unitOf = (path: string): string => units.get(path.slice(path.lastIndexOf('.') + 1)) ?? ''
