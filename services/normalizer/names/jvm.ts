import {
  bytes,
  counter,
  gauge,
  type Mapping,
  type MappingGroup,
  millisecondsCounter,
  secondsCounter,
} from './mapping.ts'

/** Micrometer tells the pool by its id. */
const area = {
  area: { to: 'jvm.memory.type', values: { nonheap: 'non_heap' } },
  id: { to: 'jvm.memory.pool.name' },
}

/** The Prometheus client for Java, which jmx_exporter carries, by its old and its new names, and Micrometer. */
export const prometheusJvm: MappingGroup = {
  agent: 'jmx_exporter, Micrometer',
  subject: 'JVM',
  mappings: [
    ...['jvm_memory_used_bytes', 'jvm_memory_bytes_used'].map(
      (from): Mapping => ({ from, where: { area: '*' }, to: 'jvm.memory.used', ...bytes, tags: area }),
    ),
    ...['jvm_memory_committed_bytes', 'jvm_memory_bytes_committed'].map(
      (from): Mapping => ({ from, where: { area: '*' }, to: 'jvm.memory.committed', ...bytes, tags: area }),
    ),
    ...['jvm_memory_max_bytes', 'jvm_memory_bytes_max'].map(
      (from): Mapping => ({ from, where: { area: '*' }, to: 'jvm.memory.limit', ...bytes, tags: area }),
    ),
    ...['jvm_threads_current', 'jvm_threads_live_threads'].map(
      (from): Mapping => ({ from, to: 'jvm.thread.count', ...gauge('thread') }),
    ),
    ...['jvm_classes_currently_loaded', 'jvm_classes_loaded', 'jvm_classes_loaded_classes'].map(
      (from): Mapping => ({ from, to: 'jvm.class.count', ...gauge('class') }),
    ),
    { from: 'jvm_classes_loaded_total', to: 'jvm.class.loaded', ...counter('class') },
    ...['jvm_classes_unloaded_total', 'jvm_classes_unloaded_classes_total'].map(
      (from): Mapping => ({ from, to: 'jvm.class.unloaded', ...counter('class') }),
    ),
    {
      from: 'jvm_gc_collection_seconds',
      to: 'jvm.gc.duration',
      ...secondsCounter,
      tags: { gc: { to: 'jvm.gc.name' } },
    },
    {
      from: 'jvm_gc_pause_seconds',
      to: 'jvm.gc.duration',
      ...secondsCounter,
      tags: { gc: { to: 'jvm.gc.name' }, action: { to: 'jvm.gc.action' }, cause: { to: 'jvm.gc.cause' } },
    },
    { from: 'process_cpu_seconds_total', to: 'process.cpu.time', ...secondsCounter },
    { from: 'process_resident_memory_bytes', to: 'process.memory.usage', ...bytes },
    { from: 'process_virtual_memory_bytes', to: 'process.memory.virtual', ...bytes },
    ...['process_open_fds', 'process_files_open_files'].map(
      (from): Mapping => ({ from, to: 'process.unix.file_descriptor.count', ...gauge('file_descriptor') }),
    ),
  ],
}

/** Telegraf's Jolokia input, with the measurement names of its own examples. */
export const telegrafJvm: MappingGroup = {
  agent: 'Telegraf',
  subject: 'JVM',
  mappings: [
    {
      from: 'java_memory.HeapMemoryUsage.used',
      to: 'jvm.memory.used',
      ...bytes,
      set: { 'jvm.memory.type': 'heap' },
    },
    {
      from: 'java_memory.HeapMemoryUsage.committed',
      to: 'jvm.memory.committed',
      ...bytes,
      set: { 'jvm.memory.type': 'heap' },
    },
    {
      from: 'java_memory.HeapMemoryUsage.max',
      to: 'jvm.memory.limit',
      ...bytes,
      set: { 'jvm.memory.type': 'heap' },
    },
    {
      from: 'java_memory.NonHeapMemoryUsage.used',
      to: 'jvm.memory.used',
      ...bytes,
      set: { 'jvm.memory.type': 'non_heap' },
    },
    { from: 'java_threading.ThreadCount', to: 'jvm.thread.count', ...gauge('thread') },
    {
      from: 'java_garbage_collector.CollectionTime',
      to: 'jvm.gc.time',
      ...millisecondsCounter,
      tags: { name: { to: 'jvm.gc.name' } },
    },
    {
      from: 'java_garbage_collector.CollectionCount',
      to: 'jvm.gc.count',
      ...counter('collection'),
      tags: { name: { to: 'jvm.gc.name' } },
    },
  ],
}

const poolName = { pool: { to: 'db.client.connection.pool.name' } }
const connections = (state: string) => ({
  to: 'db.client.connection.count',
  ...gauge('connection'),
  tags: poolName,
  set: { 'db.client.connection.state': state },
})
const executor = { tags: { name: { to: 'thread_pool.name' } } }
const cacheName = { cache: { to: 'cache.name' } }

/** HikariCP, as it writes for Prometheus itself. Its durations are histograms in other units, and keep their names. */
export const hikariPools: MappingGroup = {
  agent: 'HikariCP',
  subject: 'Pools and caches',
  mappings: [
    { from: 'hikaricp_active_connections', ...connections('used') },
    { from: 'hikaricp_idle_connections', ...connections('idle') },
    {
      from: 'hikaricp_pending_threads',
      to: 'db.client.connection.pending_requests',
      ...gauge('request'),
      tags: poolName,
    },
    {
      from: 'hikaricp_max_connections',
      to: 'db.client.connection.max',
      ...gauge('connection'),
      tags: poolName,
    },
    {
      from: 'hikaricp_min_connections',
      to: 'db.client.connection.idle.min',
      ...gauge('connection'),
      tags: poolName,
    },
    {
      from: 'hikaricp_connection_timeout_total',
      to: 'db.client.connection.timeouts',
      ...counter('timeout'),
      tags: poolName,
    },
  ],
}

/** Pools of connections and threads, and caches, as Micrometer writes them for Prometheus. */
export const micrometerPools: MappingGroup = {
  agent: 'Micrometer',
  subject: 'Pools and caches',
  mappings: [
    { from: 'hikaricp_connections_active', ...connections('used') },
    { from: 'hikaricp_connections_idle', ...connections('idle') },
    {
      from: 'hikaricp_connections_pending',
      to: 'db.client.connection.pending_requests',
      ...gauge('request'),
      tags: poolName,
    },
    {
      from: 'hikaricp_connections_max',
      to: 'db.client.connection.max',
      ...gauge('connection'),
      tags: poolName,
    },
    {
      from: 'hikaricp_connections_timeout_total',
      to: 'db.client.connection.timeouts',
      ...counter('timeout'),
      tags: poolName,
    },
    {
      from: 'hikaricp_connections_min',
      to: 'db.client.connection.idle.min',
      ...gauge('connection'),
      tags: poolName,
    },
    ...(
      [
        ['acquire', 'wait_time'],
        ['usage', 'use_time'],
        ['creation', 'create_time'],
      ] as const
    ).map(
      ([what, to]): Mapping => ({
        from: `hikaricp_connections_${what}_seconds`,
        to: `db.client.connection.${to}`,
        ...secondsCounter,
        tags: poolName,
      }),
    ),
    { from: 'executor_active_threads', to: 'thread_pool.active', ...gauge('thread'), ...executor },
    { from: 'executor_pool_size_threads', to: 'thread_pool.size', ...gauge('thread'), ...executor },
    { from: 'executor_pool_max_threads', to: 'thread_pool.limit', ...gauge('thread'), ...executor },
    { from: 'executor_queued_tasks', to: 'thread_pool.queue.size', ...gauge('task'), ...executor },
    {
      from: 'executor_completed_tasks_total',
      to: 'thread_pool.completed',
      ...counter('task'),
      ...executor,
    },
    {
      from: 'cache_gets_total',
      to: 'cache.gets',
      ...counter('get'),
      tags: { ...cacheName, result: { to: 'cache.result' } },
    },
    { from: 'cache_puts_total', to: 'cache.puts', ...counter('put'), tags: cacheName },
    { from: 'cache_evictions_total', to: 'cache.evictions', ...counter('eviction'), tags: cacheName },
    { from: 'cache_size', to: 'cache.size', ...gauge('entry'), tags: cacheName },
  ],
}
