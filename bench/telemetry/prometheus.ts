import snappy from 'snappy'
import { typeIn } from '../../services/normalizer/protobuf/message-type.ts'
import { counterAt, type Host, hostsOf, percent, sizeOf } from './fleet.ts'
import type { Moment, Random, RawMessage, Telemetry } from './telemetry.ts'

/** A metric of node_exporter, or of a web server beside it, with the values of its labels. */
interface Family {
  readonly name: string
  readonly isCounter: boolean
  /** Sorted by name. */
  readonly labels: readonly Readonly<Record<string, string>>[]
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)
const devices = (name: string, count: number) => numbers(count).map((i) => ({ device: `${name}${i}` }))
const counters = (names: readonly string[], labels: Family['labels']): readonly Family[] =>
  names.map((name) => ({ name, isCounter: true, labels }))
const gauges = (names: readonly string[], labels: Family['labels']): readonly Family[] =>
  names.map((name) => ({ name, isCounter: false, labels }))
const plain = [{}]

const modes = ['idle', 'iowait', 'irq', 'nice', 'softirq', 'steal', 'system', 'user']
const memory = 'Active AnonPages Bounce Buffers Cached CommitLimit Dirty Hugetlb Inactive KernelStack'.split(
  ' ',
)
const netstat =
  'Icmp_InErrors Icmp_InMsgs Icmp_OutMsgs IpExt_InOctets IpExt_OutOctets Ip_Forwarding Tcp_ActiveOpens Tcp_InErrs Tcp_InSegs Tcp_OutSegs'.split(
    ' ',
  )

/** 500 series of an instance. */
const families: readonly Family[] = [
  ...counters(
    ['node_cpu_seconds_total'],
    numbers(16).flatMap((cpu) => modes.map((mode) => ({ cpu: String(cpu), mode }))),
  ),
  ...counters(
    ['receive', 'transmit'].flatMap((way) =>
      ['bytes', 'packets', 'errs', 'drop'].map((what) => `node_network_${way}_${what}_total`),
    ),
    devices('eth', 8),
  ),
  ...counters(
    ['reads_completed', 'writes_completed', 'read_bytes', 'written_bytes', 'io_time_seconds'].map(
      (what) => `node_disk_${what}_total`,
    ),
    devices('nvme', 8),
  ),
  ...gauges(
    ['avail_bytes', 'size_bytes', 'free_bytes', 'files', 'files_free'].map(
      (what) => `node_filesystem_${what}`,
    ),
    numbers(8).map((i) => ({ device: `/dev/nvme${i}n1`, fstype: 'ext4', mountpoint: `/data/${i}` })),
  ),
  ...gauges(
    memory.flatMap((what) => [`node_memory_${what}_bytes`, `node_memory_${what}_file_bytes`]),
    plain,
  ),
  ...counters(
    netstat.map((what) => `node_netstat_${what}`),
    plain,
  ),
  ...counters(
    ['http_requests_total', 'http_response_bytes_total'],
    numbers(10).flatMap((handler) =>
      ['200', '301', '404', '500', '503'].flatMap((code) => [
        { code, handler: `/api/v1/things/${handler}`, method: 'GET' },
      ]),
    ),
  ),
  ...gauges(
    numbers(98).map((i) => `app_pool_${i}_connections_active`),
    plain,
  ),
]

const hosts = hostsOf(20)

interface Sample {
  readonly labels: readonly (readonly [name: string, value: string])[]
  readonly value: number
}

/** Of all instances, one after the other, as Prometheus has them. */
function* samples({ number }: Moment, random: Random): Generator<Sample> {
  for (const host of hosts) {
    let series = host.number * 500
    for (const { name, isCounter, labels } of families) {
      for (const own of labels) {
        series++
        yield {
          labels: labelsOf(name, own, host),
          value: isCounter
            ? counterAt(series, number, random) + Math.floor(random() * 100) / 100
            : gaugeOf(series, random),
        }
      }
    }
  }
}

const gaugeOf = (series: number, random: Random) => (series % 2 ? sizeOf(random) : percent(random))

/** The name of a metric sorts before those of labels. */
const labelsOf = (name: string, own: Readonly<Record<string, string>>, host: Host) =>
  Object.entries({ __name__: name, ...own, instance: `${host.name}:9100`, job: 'node' }).sort(([a], [b]) =>
    a < b ? -1 : 1,
  )

/** What `/federate` answers, an instance in a message: all labels, and times in milliseconds. */
export const prometheusText: Telemetry = {
  format: 'prometheus-text',
  makes: 'points',
  *messages({ number, timeMs }, random): Generator<RawMessage> {
    for (const host of hosts) {
      let page = ''
      let series = host.number * 500
      for (const { name, isCounter, labels } of families) {
        page += `# TYPE ${name} ${isCounter ? 'counter' : 'gauge'}\n`
        for (const own of labels) {
          const text = labelsOf(name, own, host)
            .slice(1)
            .map(([key, value]) => `${key}="${value}"`)
          series++
          const value = isCounter ? counterAt(series, number, random) : gaugeOf(series, random)
          page += `${name}{${text.join()}} ${value} ${timeMs}\n`
        }
      }
      yield { key: host.name, value: page, things: 500 }
    }
  },
}

/** `max_samples_per_send` of Prometheus, as it comes. */
const samplesInRequest = 2_000

function* requests(
  moment: Moment,
  random: Random,
  encode: (samples: readonly Sample[], timeMs: number) => Uint8Array,
): Generator<RawMessage> {
  let gathered: Sample[] = []
  for (const sample of samples(moment, random)) {
    gathered.push(sample)
    if (gathered.length < samplesInRequest) continue
    const message = encode(gathered, moment.timeMs)
    yield {
      key: 'prometheus',
      value: snappy.compressSync(Buffer.from(message)),
      things: gathered.length,
      unpackedBytes: message.length,
    }
    gathered = []
  }
}

const version1 = typeIn('prometheus/remote.proto', 'prometheus.WriteRequest')
const version2 = typeIn('io/prometheus/write/v2/types.proto', 'io.prometheus.write.v2.Request')

/** Remote write 1: every series with all its labels. */
export const remoteWrite1: Telemetry = {
  format: 'prometheus-remote-write',
  variant: '1',
  makes: 'points',
  messages: (moment, random) =>
    requests(moment, random, (gathered, timestamp) =>
      version1
        .encode({
          timeseries: gathered.map(({ labels, value }) => ({
            labels: labels.map(([name, text]) => ({ name, value: text })),
            samples: [{ value, timestamp }],
          })),
        })
        .finish(),
    ),
}

/** Remote write 2: each text once in a request. */
export const remoteWrite2: Telemetry = {
  format: 'prometheus-remote-write',
  variant: '2',
  makes: 'points',
  messages: (moment, random) =>
    requests(moment, random, (gathered, timestamp) => {
      const symbols = new Map([['', 0]])
      const place = (text: string) => {
        const known = symbols.get(text)
        if (known !== undefined) return known
        symbols.set(text, symbols.size)
        return symbols.size - 1
      }
      const timeseries = gathered.map(({ labels, value }) => ({
        labelsRefs: labels.flatMap(([name, text]) => [place(name), place(text)]),
        samples: [{ value, timestamp }],
        metadata: { type: labels[0]![1].endsWith('_total') ? 1 : 2 },
      }))
      return version2.encode({ symbols: [...symbols.keys()], timeseries }).finish()
    }),
}
