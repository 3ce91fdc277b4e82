import { counterAt, type Host, hostsOf, percent } from './fleet.ts'
import type { Moment, Random, RawMessage, Telemetry } from './telemetry.ts'

/** Plugin, its instance, type, its instance, and the data sources. */
type ValueList = readonly [string, string, string, string, readonly string[]]

const derived = ['if_octets', 'if_packets', 'if_errors'].map(
  (type): ValueList => ['interface', 'eth0', type, '', ['rx', 'tx']],
)
const disk = ['disk_octets', 'disk_ops', 'disk_time'].map(
  (type): ValueList => ['disk', 'nvme0n1', type, '', ['read', 'write']],
)
const ticks = ['user', 'system', 'idle', 'wait', 'softirq', 'steal'].map(
  (state): ValueList => ['cpu', '0', 'cpu', state, ['value']],
)
const counters = [...derived, ...disk, ...ticks]
const memory = ['used', 'buffered', 'cached', 'free'].map(
  (state): ValueList => ['memory', '', 'memory', state, ['value']],
)
const gauges: readonly ValueList[] = [
  ...memory,
  ['load', '', 'load', '', ['shortterm', 'midterm', 'longterm']],
]
/** 25 values of a host. */
const lists = [
  ...counters.map((list) => ({ list, type: 'derive' })),
  ...gauges.map((list) => ({ list, type: 'gauge' })),
]
const hosts = hostsOf(400)

/** collectd's write_kafka: a value list a message, which it keys at random if not told otherwise. */
export const collectd: Telemetry = {
  format: 'collectd',
  makes: 'points',
  *messages(moment, random): Generator<RawMessage> {
    for (const host of hosts) for (let i = 0; i < lists.length; i++) yield message(host, i, moment, random)
  },
}

function message(host: Host, index: number, { number, timeMs }: Moment, random: Random): RawMessage {
  const { list, type } = lists[index]!
  const [plugin, instance, kind, kindInstance, sources] = list
  return {
    key: host.name,
    value: JSON.stringify([
      {
        values: sources.map((_, i) =>
          type === 'gauge' ? percent(random) : counterAt(host.number * 50 + index * 2 + i, number, random),
        ),
        dstypes: sources.map(() => type),
        dsnames: sources,
        time: (timeMs + Math.floor(random() * 1_000)) / 1_000,
        interval: 10,
        host: host.name,
        plugin,
        plugin_instance: instance,
        type: kind,
        type_instance: kindInstance,
      },
    ]),
    things: sources.length,
  }
}
