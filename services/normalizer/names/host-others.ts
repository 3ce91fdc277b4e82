import {
  byteCounter,
  bytes,
  counter,
  fraction,
  gauge,
  type Mapping,
  type MappingGroup,
  millisecondsCounter,
  percent,
  secondsCounter,
} from './mapping.ts'

const device = { device: { to: 'system.device' } }
const nic = { device: { to: 'network.interface.name' } }
const read = { tags: device, set: { 'disk.io.direction': 'read' } }
const write = { tags: device, set: { 'disk.io.direction': 'write' } }
const receive = { tags: nic, set: { 'network.io.direction': 'receive' } }
const transmit = { tags: nic, set: { 'network.io.direction': 'transmit' } }
const memoryState = (state: string) => ({ set: { 'system.memory.state': state } })

export const nodeExporterHost: MappingGroup = {
  agent: 'node_exporter',
  subject: 'Hosts',
  mappings: [
    {
      from: 'node_cpu_seconds_total',
      to: 'system.cpu.time',
      ...secondsCounter,
      tags: { cpu: { to: 'cpu.logical_number' }, mode: { to: 'cpu.mode', values: { irq: 'interrupt' } } },
    },
    { from: 'node_load1', to: 'system.cpu.load_average.1m', ...gauge('thread') },
    { from: 'node_load5', to: 'system.cpu.load_average.5m', ...gauge('thread') },
    { from: 'node_load15', to: 'system.cpu.load_average.15m', ...gauge('thread') },
    { from: 'node_memory_MemTotal_bytes', to: 'system.memory.limit', ...bytes },
    { from: 'node_memory_MemFree_bytes', to: 'system.memory.usage', ...bytes, ...memoryState('free') },
    { from: 'node_memory_Buffers_bytes', to: 'system.memory.usage', ...bytes, ...memoryState('buffers') },
    { from: 'node_memory_Cached_bytes', to: 'system.memory.usage', ...bytes, ...memoryState('cached') },
    { from: 'node_memory_MemAvailable_bytes', to: 'system.memory.linux.available', ...bytes },
    {
      from: 'node_memory_SwapFree_bytes',
      to: 'system.paging.usage',
      ...bytes,
      set: { 'system.paging.state': 'free' },
    },
    {
      from: 'node_filesystem_free_bytes',
      to: 'system.filesystem.usage',
      ...bytes,
      tags: {
        ...device,
        mountpoint: { to: 'system.filesystem.mountpoint' },
        fstype: { to: 'system.filesystem.type' },
      },
      set: { 'system.filesystem.state': 'free' },
    },
    { from: 'node_disk_read_bytes_total', to: 'system.disk.io', ...byteCounter, ...read },
    { from: 'node_disk_written_bytes_total', to: 'system.disk.io', ...byteCounter, ...write },
    {
      from: 'node_disk_reads_completed_total',
      to: 'system.disk.operations',
      ...counter('operation'),
      ...read,
    },
    {
      from: 'node_disk_writes_completed_total',
      to: 'system.disk.operations',
      ...counter('operation'),
      ...write,
    },
    {
      from: 'node_disk_read_time_seconds_total',
      to: 'system.disk.operation_time',
      ...secondsCounter,
      ...read,
    },
    {
      from: 'node_disk_write_time_seconds_total',
      to: 'system.disk.operation_time',
      ...secondsCounter,
      ...write,
    },
    {
      from: 'node_disk_io_time_seconds_total',
      to: 'system.disk.io_time',
      ...secondsCounter,
      tags: device,
    },
    { from: 'node_network_receive_bytes_total', to: 'system.network.io', ...byteCounter, ...receive },
    { from: 'node_network_transmit_bytes_total', to: 'system.network.io', ...byteCounter, ...transmit },
    {
      from: 'node_network_receive_packets_total',
      to: 'system.network.packet.count',
      ...counter('packet'),
      ...receive,
    },
    {
      from: 'node_network_transmit_packets_total',
      to: 'system.network.packet.count',
      ...counter('packet'),
      ...transmit,
    },
    { from: 'node_network_receive_errs_total', to: 'system.network.errors', ...counter('error'), ...receive },
    {
      from: 'node_network_transmit_errs_total',
      to: 'system.network.errors',
      ...counter('error'),
      ...transmit,
    },
    {
      from: 'node_network_receive_drop_total',
      to: 'system.network.packet.dropped',
      ...counter('packet'),
      ...receive,
    },
    {
      from: 'node_network_transmit_drop_total',
      to: 'system.network.packet.dropped',
      ...counter('packet'),
      ...transmit,
    },
    {
      from: 'node_procs_running',
      to: 'system.process.count',
      ...gauge('process'),
      set: { 'process.state': 'running' },
    },
    { from: 'node_forks_total', to: 'system.process.created', ...counter('process') },
  ],
}

const collectdNic = { plugin_instance: { to: 'network.interface.name' } }
const collectdDisk = { plugin_instance: { to: 'system.device' } }

export const collectdHost: MappingGroup = {
  agent: 'collectd',
  subject: 'Hosts',
  mappings: [
    {
      from: 'cpu.percent',
      where: { plugin_instance: '*' },
      to: 'system.cpu.utilization',
      ...percent,
      tags: {
        plugin_instance: { to: 'cpu.logical_number' },
        type_instance: { to: 'cpu.mode', values: { wait: 'iowait' } },
      },
    },
    {
      from: 'memory',
      to: 'system.memory.usage',
      ...bytes,
      tags: { type_instance: { to: 'system.memory.state', values: { buffered: 'buffers' } } },
    },
    { from: 'load.shortterm', to: 'system.cpu.load_average.1m', ...gauge('thread') },
    { from: 'load.midterm', to: 'system.cpu.load_average.5m', ...gauge('thread') },
    { from: 'load.longterm', to: 'system.cpu.load_average.15m', ...gauge('thread') },
    {
      from: 'interface.if_octets.rx',
      to: 'system.network.io',
      ...byteCounter,
      tags: collectdNic,
      set: { 'network.io.direction': 'receive' },
    },
    {
      from: 'interface.if_octets.tx',
      to: 'system.network.io',
      ...byteCounter,
      tags: collectdNic,
      set: { 'network.io.direction': 'transmit' },
    },
    {
      from: 'disk.disk_octets.read',
      to: 'system.disk.io',
      ...byteCounter,
      tags: collectdDisk,
      set: { 'disk.io.direction': 'read' },
    },
    {
      from: 'disk.disk_octets.write',
      to: 'system.disk.io',
      ...byteCounter,
      tags: collectdDisk,
      set: { 'disk.io.direction': 'write' },
    },
  ],
}

const beatNic = { 'system.network.name': { to: 'network.interface.name' } }
const beatDisk = { 'system.diskio.name': { to: 'system.device' } }

/** Of all processors together, as a part of the whole: without `norm` it grows with their number. */
const beatCpu = ['user', 'system', 'nice', 'idle', 'iowait', 'irq', 'softirq', 'steal'].map(
  (mode): Mapping => ({
    from: `system.cpu.${mode}.norm.pct`,
    to: 'system.cpu.utilization',
    ...fraction,
    set: { 'cpu.mode': mode === 'irq' ? 'interrupt' : mode },
  }),
)

export const metricbeatHost: MappingGroup = {
  agent: 'Metricbeat',
  subject: 'Hosts',
  mappings: [
    ...beatCpu,
    {
      from: 'system.memory.used.bytes',
      to: 'system.memory.usage',
      ...bytes,
      set: { 'system.memory.state': 'used' },
    },
    {
      from: 'system.memory.used.pct',
      to: 'system.memory.utilization',
      ...fraction,
      set: { 'system.memory.state': 'used' },
    },
    { from: 'system.memory.total', to: 'system.memory.limit', ...bytes },
    { from: 'system.load.1', to: 'system.cpu.load_average.1m', ...gauge('thread') },
    { from: 'system.load.5', to: 'system.cpu.load_average.5m', ...gauge('thread') },
    { from: 'system.load.15', to: 'system.cpu.load_average.15m', ...gauge('thread') },
    {
      from: 'system.network.in.bytes',
      to: 'system.network.io',
      ...byteCounter,
      tags: beatNic,
      set: { 'network.io.direction': 'receive' },
    },
    {
      from: 'system.network.out.bytes',
      to: 'system.network.io',
      ...byteCounter,
      tags: beatNic,
      set: { 'network.io.direction': 'transmit' },
    },
    {
      from: 'system.diskio.read.bytes',
      to: 'system.disk.io',
      ...byteCounter,
      tags: beatDisk,
      set: { 'disk.io.direction': 'read' },
    },
    {
      from: 'system.diskio.write.bytes',
      to: 'system.disk.io',
      ...byteCounter,
      tags: beatDisk,
      set: { 'disk.io.direction': 'write' },
    },
    {
      from: 'system.diskio.io.time',
      to: 'system.disk.io_time',
      ...millisecondsCounter,
      tags: beatDisk,
    },
  ],
}
