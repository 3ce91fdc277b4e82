import {
  byteCounter,
  bytes,
  counter,
  gauge,
  type Mapping,
  type MappingGroup,
  millisecondsCounter,
  percent,
  secondsCounter,
} from './mapping.ts'

/** Agent's word and OpenTelemetry's; those that it lacks stay as they are. */
const cpuModes = [
  ['user', 'user'],
  ['system', 'system'],
  ['nice', 'nice'],
  ['idle', 'idle'],
  ['iowait', 'iowait'],
  ['irq', 'interrupt'],
  ['softirq', 'softirq'],
  ['steal', 'steal'],
  ['guest', 'guest'],
  ['guest_nice', 'guest_nice'],
] as const

/** cpu0 is number 0; cpu-total is the whole machine, which OpenTelemetry tells by no number. */
const cpuTags = { cpu: { to: 'cpu.logical_number', values: { 'cpu-total': null }, without: 'cpu' } }

const cpu = cpuModes.flatMap(([field, mode]): readonly Mapping[] => [
  {
    from: `cpu.usage_${field}`,
    to: 'system.cpu.utilization',
    ...percent,
    tags: cpuTags,
    set: { 'cpu.mode': mode },
  },
  {
    from: `cpu.time_${field}`,
    to: 'system.cpu.time',
    ...secondsCounter,
    tags: cpuTags,
    set: { 'cpu.mode': mode },
  },
])

const memoryState = (state: string) => ({ set: { 'system.memory.state': state } })
const swapState = (state: string) => ({ set: { 'system.paging.state': state } })
const swapDirection = (direction: string) => ({ set: { 'system.paging.direction': direction } })
const device = { to: 'system.device' }
const volume = (state: string) => ({
  tags: { device, path: { to: 'system.filesystem.mountpoint' }, fstype: { to: 'system.filesystem.type' } },
  set: { 'system.filesystem.state': state },
})
const disk = { tags: { name: device } }
const diskDirection = (direction: string) => ({ ...disk, set: { 'disk.io.direction': direction } })
const networkDirection = (direction: string) => ({
  tags: { interface: { to: 'network.interface.name' } },
  set: { 'network.io.direction': direction },
})
const processState = (state: string) => ({ set: { 'process.state': state } })

export const telegrafHost: MappingGroup = {
  agent: 'Telegraf',
  subject: 'Hosts',
  mappings: [
    ...cpu,
    { from: 'system.load1', to: 'system.cpu.load_average.1m', ...gauge('thread') },
    { from: 'system.load5', to: 'system.cpu.load_average.5m', ...gauge('thread') },
    { from: 'system.load15', to: 'system.cpu.load_average.15m', ...gauge('thread') },
    { from: 'system.n_cpus', to: 'system.cpu.logical.count', ...gauge('cpu') },
    { from: 'mem.used', to: 'system.memory.usage', ...bytes, ...memoryState('used') },
    { from: 'mem.free', to: 'system.memory.usage', ...bytes, ...memoryState('free') },
    { from: 'mem.buffered', to: 'system.memory.usage', ...bytes, ...memoryState('buffers') },
    { from: 'mem.cached', to: 'system.memory.usage', ...bytes, ...memoryState('cached') },
    { from: 'mem.used_percent', to: 'system.memory.utilization', ...percent, ...memoryState('used') },
    { from: 'mem.total', to: 'system.memory.limit', ...bytes },
    { from: 'mem.available', to: 'system.memory.linux.available', ...bytes },
    { from: 'swap.used', to: 'system.paging.usage', ...bytes, ...swapState('used') },
    { from: 'swap.free', to: 'system.paging.usage', ...bytes, ...swapState('free') },
    { from: 'swap.used_percent', to: 'system.paging.utilization', ...percent, ...swapState('used') },
    { from: 'swap.in', to: 'system.paging.io', ...byteCounter, ...swapDirection('in') },
    { from: 'swap.out', to: 'system.paging.io', ...byteCounter, ...swapDirection('out') },
    { from: 'disk.used', to: 'system.filesystem.usage', ...bytes, ...volume('used') },
    { from: 'disk.free', to: 'system.filesystem.usage', ...bytes, ...volume('free') },
    { from: 'disk.used_percent', to: 'system.filesystem.utilization', ...percent, ...volume('used') },
    { from: 'diskio.read_bytes', to: 'system.disk.io', ...byteCounter, ...diskDirection('read') },
    { from: 'diskio.write_bytes', to: 'system.disk.io', ...byteCounter, ...diskDirection('write') },
    { from: 'diskio.reads', to: 'system.disk.operations', ...counter('operation'), ...diskDirection('read') },
    {
      from: 'diskio.writes',
      to: 'system.disk.operations',
      ...counter('operation'),
      ...diskDirection('write'),
    },
    {
      from: 'diskio.read_time',
      to: 'system.disk.operation_time',
      ...millisecondsCounter,
      ...diskDirection('read'),
    },
    {
      from: 'diskio.write_time',
      to: 'system.disk.operation_time',
      ...millisecondsCounter,
      ...diskDirection('write'),
    },
    { from: 'diskio.io_time', to: 'system.disk.io_time', ...millisecondsCounter, ...disk },
    {
      from: 'diskio.merged_reads',
      to: 'system.disk.merged',
      ...counter('operation'),
      ...diskDirection('read'),
    },
    {
      from: 'diskio.merged_writes',
      to: 'system.disk.merged',
      ...counter('operation'),
      ...diskDirection('write'),
    },
    { from: 'net.bytes_recv', to: 'system.network.io', ...byteCounter, ...networkDirection('receive') },
    { from: 'net.bytes_sent', to: 'system.network.io', ...byteCounter, ...networkDirection('transmit') },
    {
      from: 'net.packets_recv',
      to: 'system.network.packet.count',
      ...counter('packet'),
      ...networkDirection('receive'),
    },
    {
      from: 'net.packets_sent',
      to: 'system.network.packet.count',
      ...counter('packet'),
      ...networkDirection('transmit'),
    },
    { from: 'net.err_in', to: 'system.network.errors', ...counter('error'), ...networkDirection('receive') },
    {
      from: 'net.err_out',
      to: 'system.network.errors',
      ...counter('error'),
      ...networkDirection('transmit'),
    },
    {
      from: 'net.drop_in',
      to: 'system.network.packet.dropped',
      ...counter('packet'),
      ...networkDirection('receive'),
    },
    {
      from: 'net.drop_out',
      to: 'system.network.packet.dropped',
      ...counter('packet'),
      ...networkDirection('transmit'),
    },
    {
      from: 'processes.running',
      to: 'system.process.count',
      ...gauge('process'),
      ...processState('running'),
    },
    {
      from: 'processes.sleeping',
      to: 'system.process.count',
      ...gauge('process'),
      ...processState('sleeping'),
    },
    {
      from: 'processes.stopped',
      to: 'system.process.count',
      ...gauge('process'),
      ...processState('stopped'),
    },
    {
      from: 'processes.zombies',
      to: 'system.process.count',
      ...gauge('process'),
      ...processState('defunct'),
    },
    { from: 'kernel.processes_forked', to: 'system.process.created', ...counter('process') },
    { from: 'procstat.memory_rss', to: 'process.memory.usage', ...bytes },
    { from: 'procstat.memory_vms', to: 'process.memory.virtual', ...bytes },
    { from: 'procstat.num_threads', to: 'process.thread.count', ...gauge('thread') },
    {
      from: 'procstat.num_fds',
      to: 'process.unix.file_descriptor.count',
      ...gauge('file_descriptor'),
    },
  ],
}
