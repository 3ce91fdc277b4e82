import { counterAt, type Host, hostsOf, percent, sizeOf } from './fleet.ts'
import type { Moment, Random, RawMessage, Telemetry } from './telemetry.ts'

const hosts = hostsOf(152)

/** Metricbeat's `system` module, 66 numbers of a host in five events, with the fields that its default processors add. */
export const metricbeat: Telemetry = {
  format: 'metricbeat',
  makes: 'points',
  *messages(moment, random): Generator<RawMessage> {
    for (const host of hosts) {
      for (const [set, measured] of Object.entries(metricSets(host, moment, random))) {
        yield {
          key: host.name,
          value: JSON.stringify(eventOf(host, set, measured, moment)),
          things: numbersIn(measured),
        }
      }
    }
  },
}

const eventOf = (host: Host, set: string, measured: object, { timeMs }: Moment) => ({
  '@timestamp': new Date(timeMs).toISOString(),
  '@metadata': { beat: 'metricbeat', type: '_doc', version: '8.15.0' },
  ecs: { version: '8.0.0' },
  host: {
    name: host.name,
    hostname: host.name,
    architecture: 'x86_64',
    os: { type: 'linux', platform: 'debian', version: '12 (bookworm)', family: 'debian', name: 'Debian' },
    ip: ['10.0.0.17'],
    mac: ['02-42-AC-11-00-02'],
  },
  agent: {
    type: 'metricbeat',
    version: '8.15.0',
    name: host.name,
    id: 'b2a3c1d0-5e0a-4f6b-9a67-0d8f1e2c3b4a',
  },
  cloud: { provider: 'aws', region: host.region },
  event: { dataset: `system.${set}`, module: 'system', duration: 1_234_567 },
  metricset: { name: set, period: 10_000 },
  service: { type: 'system' },
  system: { [set]: measured },
})

const round = (value: number) => Math.round(value * 100) / 10_000

function metricSets(host: Host, { number }: Moment, random: Random): Readonly<Record<string, object>> {
  const pct = () => round(percent(random))
  let series = host.number * 100
  const count = () => counterAt(series++, number, random)
  const bytes = () => ({ pct: pct(), bytes: sizeOf(random) })
  const states = ['idle', 'iowait', 'irq', 'nice', 'softirq', 'steal', 'system', 'user', 'total'] as const
  return {
    cpu: {
      cores: 8,
      ...Object.fromEntries(states.map((state) => [state, { pct: pct(), norm: { pct: pct() } }])),
    },
    memory: {
      total: sizeOf(random),
      free: sizeOf(random),
      used: bytes(),
      actual: { used: bytes(), free: sizeOf(random) },
      swap: { total: sizeOf(random), free: sizeOf(random), used: bytes() },
    },
    network: {
      name: 'eth0',
      in: { bytes: count(), packets: count(), errors: count(), dropped: count() },
      out: { bytes: count(), packets: count(), errors: count(), dropped: count() },
    },
    diskio: {
      name: 'nvme0n1',
      read: { bytes: count(), count: count(), time: count() },
      write: { bytes: count(), count: count(), time: count() },
      io: { time: count(), ops: count() },
      iostat: {
        read: { request: { per_sec: pct(), merges_per_sec: pct() }, per_sec: { bytes: pct() }, await: pct() },
        write: {
          request: { per_sec: pct(), merges_per_sec: pct() },
          per_sec: { bytes: pct() },
          await: pct(),
        },
        request: { avg_size: pct() },
        queue: { avg_size: pct() },
        await: pct(),
        service_time: pct(),
        busy: pct(),
      },
    },
    filesystem: {
      device_name: '/dev/nvme0n1p1',
      mount_point: '/',
      type: 'ext4',
      total: sizeOf(random),
      available: sizeOf(random),
      free: sizeOf(random),
      files: sizeOf(random, 7),
      free_files: sizeOf(random, 7),
      used: bytes(),
    },
  }
}

function numbersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return Number(typeof value === 'number')
  return Object.values(value).reduce<number>((sum, inner) => sum + numbersIn(inner), 0)
}
