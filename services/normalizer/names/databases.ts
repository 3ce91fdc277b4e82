import { byteCounter, bytes, counter, gauge, type Mapping, type MappingGroup, seconds } from './mapping.ts'

/** Where OpenTelemetry's conventions say nothing, the names are those of the Collector's receivers. */
const commands = ['select', 'insert', 'update', 'delete'] as const
const mysqlCommand = (command: string) => ({
  to: 'mysql.commands',
  ...counter('command'),
  set: { command },
})
const received = { to: 'mysql.client.network.io', ...byteCounter, set: { kind: 'received' } }
const sent = { to: 'mysql.client.network.io', ...byteCounter, set: { kind: 'sent' } }
const threads = (kind: string) => ({ to: 'mysql.threads', ...gauge('thread'), set: { kind } })
const queries = { to: 'mysql.query.count', ...counter('query') }
const questions = { to: 'mysql.query.client.count', ...counter('query') }
const slow = { to: 'mysql.query.slow.count', ...counter('query') }
const connections = { to: 'mysql.connection.count', ...counter('connection') }

export const telegrafMysql: MappingGroup = {
  agent: 'Telegraf',
  subject: 'MySQL',
  mappings: [
    { from: 'mysql.queries', ...queries },
    { from: 'mysql.questions', ...questions },
    { from: 'mysql.slow_queries', ...slow },
    { from: 'mysql.connections', ...connections },
    { from: 'mysql.bytes_received', ...received },
    { from: 'mysql.bytes_sent', ...sent },
    { from: 'mysql.threads_connected', ...threads('connected') },
    { from: 'mysql.threads_running', ...threads('running') },
    ...commands.map((command): Mapping => ({ from: `mysql.com_${command}`, ...mysqlCommand(command) })),
  ],
}

export const exporterMysql: MappingGroup = {
  agent: 'mysqld_exporter',
  subject: 'MySQL',
  mappings: [
    { from: 'mysql_global_status_queries', ...queries },
    { from: 'mysql_global_status_questions', ...questions },
    { from: 'mysql_global_status_slow_queries', ...slow },
    { from: 'mysql_global_status_connections', ...connections },
    { from: 'mysql_global_status_bytes_received', ...received },
    { from: 'mysql_global_status_bytes_sent', ...sent },
    { from: 'mysql_global_status_threads_connected', ...threads('connected') },
    { from: 'mysql_global_status_threads_running', ...threads('running') },
    {
      from: 'mysql_global_status_commands_total',
      to: 'mysql.commands',
      ...counter('command'),
    },
  ],
}

export const metricbeatMysql: MappingGroup = {
  agent: 'Metricbeat',
  subject: 'MySQL',
  mappings: [
    { from: 'mysql.status.queries', ...queries },
    { from: 'mysql.status.questions', ...questions },
    { from: 'mysql.status.connections', ...connections },
    { from: 'mysql.status.bytes.received', ...received },
    { from: 'mysql.status.bytes.sent', ...sent },
    { from: 'mysql.status.threads.connected', ...threads('connected') },
    { from: 'mysql.status.threads.running', ...threads('running') },
    ...commands.map(
      (command): Mapping => ({ from: `mysql.status.command.${command}`, ...mysqlCommand(command) }),
    ),
  ],
}

const clients = { to: 'redis.clients.connected', ...gauge('client') }
const blocked = { to: 'redis.clients.blocked', ...gauge('client') }
const memory = { to: 'redis.memory.used', ...bytes }
const memoryRss = { to: 'redis.memory.rss', ...bytes }
const processed = { to: 'redis.commands.processed', ...counter('command') }
const accepted = { to: 'redis.connections.received', ...counter('connection') }
const hits = { to: 'redis.keyspace.hits', ...counter('hit') }
const misses = { to: 'redis.keyspace.misses', ...counter('miss') }
const expired = { to: 'redis.keys.expired', ...counter('key') }
const evicted = { to: 'redis.keys.evicted', ...counter('key') }
const input = { to: 'redis.net.input', ...byteCounter }
const output = { to: 'redis.net.output', ...byteCounter }

export const telegrafRedis: MappingGroup = {
  agent: 'Telegraf',
  subject: 'Redis',
  mappings: [
    { from: 'redis.clients', ...clients },
    { from: 'redis.blocked_clients', ...blocked },
    { from: 'redis.used_memory', ...memory },
    { from: 'redis.used_memory_rss', ...memoryRss },
    { from: 'redis.total_commands_processed', ...processed },
    { from: 'redis.total_connections_received', ...accepted },
    { from: 'redis.keyspace_hits', ...hits },
    { from: 'redis.keyspace_misses', ...misses },
    { from: 'redis.expired_keys', ...expired },
    { from: 'redis.evicted_keys', ...evicted },
    { from: 'redis.total_net_input_bytes', ...input },
    { from: 'redis.total_net_output_bytes', ...output },
  ],
}

export const exporterRedis: MappingGroup = {
  agent: 'redis_exporter',
  subject: 'Redis',
  mappings: [
    { from: 'redis_connected_clients', ...clients },
    { from: 'redis_blocked_clients', ...blocked },
    { from: 'redis_memory_used_bytes', ...memory },
    { from: 'redis_memory_used_rss_bytes', ...memoryRss },
    { from: 'redis_commands_processed_total', ...processed },
    { from: 'redis_connections_received_total', ...accepted },
    { from: 'redis_keyspace_hits_total', ...hits },
    { from: 'redis_keyspace_misses_total', ...misses },
    { from: 'redis_expired_keys_total', ...expired },
    { from: 'redis_evicted_keys_total', ...evicted },
    { from: 'redis_net_input_bytes_total', ...input },
    { from: 'redis_net_output_bytes_total', ...output },
    { from: 'redis_uptime_in_seconds', to: 'redis.uptime', ...seconds },
  ],
}

export const metricbeatRedis: MappingGroup = {
  agent: 'Metricbeat',
  subject: 'Redis',
  mappings: [
    { from: 'redis.info.clients.connected', ...clients },
    { from: 'redis.info.clients.blocked', ...blocked },
    { from: 'redis.info.memory.used.value', ...memory },
    { from: 'redis.info.memory.used.rss', ...memoryRss },
    { from: 'redis.info.stats.commands_processed', ...processed },
    { from: 'redis.info.stats.connections.received', ...accepted },
    { from: 'redis.info.stats.keyspace.hits', ...hits },
    { from: 'redis.info.stats.keyspace.misses', ...misses },
    { from: 'redis.info.stats.keys.expired', ...expired },
    { from: 'redis.info.stats.keys.evicted', ...evicted },
    { from: 'redis.info.stats.net.input.bytes', ...input },
    { from: 'redis.info.stats.net.output.bytes', ...output },
  ],
}
