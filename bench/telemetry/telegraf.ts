import { counterAt, type Host, hostsOf, percent, sizeOf } from './fleet.ts'
import type { Moment, Random, RawMessage, Telemetry } from './telemetry.ts'

type FieldKind = 'percent' | 'size' | 'counter'

/** Metrics of Telegraf's inputs for hosts: five fields each, those that are looked at most. */
const inputs: readonly {
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, FieldKind>>
}[] = [
  {
    name: 'cpu',
    tags: { cpu: 'cpu-total' },
    fields: {
      usage_idle: 'percent',
      usage_iowait: 'percent',
      usage_steal: 'percent',
      usage_system: 'percent',
      usage_user: 'percent',
    },
  },
  {
    name: 'mem',
    tags: {},
    fields: { available: 'size', cached: 'size', free: 'size', used: 'size', used_percent: 'percent' },
  },
  {
    name: 'disk',
    tags: { device: 'nvme0n1p1', fstype: 'ext4', mode: 'rw', path: '/' },
    fields: { free: 'size', inodes_used: 'size', total: 'size', used: 'size', used_percent: 'percent' },
  },
  {
    name: 'diskio',
    tags: { name: 'nvme0n1' },
    fields: {
      io_time: 'counter',
      read_bytes: 'counter',
      reads: 'counter',
      write_bytes: 'counter',
      writes: 'counter',
    },
  },
  {
    name: 'net',
    tags: { interface: 'eth0' },
    fields: {
      bytes_recv: 'counter',
      bytes_sent: 'counter',
      drop_in: 'counter',
      packets_recv: 'counter',
      packets_sent: 'counter',
    },
  },
]

const fieldsInMetric = 5
const hosts = hostsOf(10_000 / (inputs.length * fieldsInMetric))

interface Metric {
  readonly host: Host
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly fields: readonly { readonly name: string; readonly isWhole: boolean; readonly value: number }[]
}

function* metrics({ number }: Moment, random: Random): Generator<Metric> {
  for (const host of hosts) {
    for (const [input, { name, tags, fields }] of inputs.entries()) {
      yield {
        host,
        name,
        // Telegraf sorts tags and fields.
        tags: sorted({ ...tags, host: host.name, region: host.region }),
        fields: Object.entries(fields).map(([field, kind], i) => ({
          name: field,
          isWhole: kind !== 'percent',
          value: readingOf(kind, (host.number * inputs.length + input) * fieldsInMetric + i, number, random),
        })),
      }
    }
  }
}

function readingOf(kind: FieldKind, series: number, moment: number, random: Random): number {
  if (kind === 'percent') return percent(random)
  return kind === 'size' ? sizeOf(random) : counterAt(series, moment, random)
}

const sorted = (tags: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)))

/** Telegraf's Kafka output as it comes: line protocol, a metric a message. */
export const lineProtocol: Telemetry = {
  format: 'influx',
  makes: 'points',
  *messages(moment, random): Generator<RawMessage> {
    for (const { host, name, tags, fields } of metrics(moment, random)) {
      const tagText = Object.entries(tags).map(([key, value]) => `,${key}=${value}`)
      const fieldText = fields.map((field) => `${field.name}=${field.value}${field.isWhole ? 'i' : ''}`)
      yield {
        key: host.name,
        value: `${name}${tagText.join('')} ${fieldText.join()} ${moment.timeMs}000000`,
        things: fields.length,
      }
    }
  },
}

/** The same metrics with `data_format = "json"`. */
export const telegrafJson: Telemetry = {
  format: 'telegraf-json',
  makes: 'points',
  *messages(moment, random): Generator<RawMessage> {
    for (const { host, name, tags, fields } of metrics(moment, random)) {
      yield {
        key: host.name,
        value: JSON.stringify({
          fields: Object.fromEntries(fields.map((field) => [field.name, field.value])),
          name,
          tags,
          timestamp: moment.timeMs / 1_000,
        }),
        things: fields.length,
      }
    }
  },
}
