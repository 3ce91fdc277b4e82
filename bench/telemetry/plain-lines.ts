import { hostsOf, percent, pick, sizeOf } from './fleet.ts'
import type { Moment, Random, RawMessage, Telemetry } from './telemetry.ts'

const hosts = hostsOf(400)
/** 25 metrics of a host make 10,000 series. */
const kinds = ['requests', 'errors', 'latency', 'queue', 'bytes'] as const
const handlers = ['cart', 'checkout', 'search', 'login', 'orders'] as const
const metricsOfHost = handlers.flatMap((handler) => kinds.map((kind) => ({ handler, kind })))

/** What an Ethernet frame leaves for the payload of a datagram, and clients fill. */
const datagramBytes = 1_432

/** The value, the type and the sample rate, of which clients send most. */
function sampleOf(kind: (typeof kinds)[number], random: Random): string {
  if (kind === 'latency') return `${Math.floor(random() * 500)}|ms`
  if (kind === 'queue') return `${sizeOf(random, 3)}|g`
  if (kind === 'bytes') return `${sizeOf(random, 6)}|c`
  return `${pick([1, 1, 1, 2, 5], random)}|c|@0.5`
}

/** The lines of a host, put into datagrams as clients do. */
function* datagrams(
  lineOf: (host: (typeof hosts)[number], metric: (typeof metricsOfHost)[number]) => string,
): Generator<RawMessage> {
  for (const host of hosts) {
    let lines: string[] = []
    let bytes = 0
    const datagram = () => ({ key: host.name, value: lines.join('\n'), things: lines.length })
    for (const metric of metricsOfHost) {
      const line = lineOf(host, metric)
      if (bytes + line.length > datagramBytes) {
        yield datagram()
        lines = []
        bytes = 0
      }
      lines.push(line)
      bytes += line.length + 1
    }
    yield datagram()
  }
}

/** StatsD's datagrams: what there is to tell apart stands in the name. */
export const statsd: Telemetry = {
  format: 'statsd',
  makes: 'points',
  messages: (_: Moment, random) =>
    datagrams((host, { handler, kind }) => `shop.${host.name}.${handler}.${kind}:${sampleOf(kind, random)}`),
}

/** The same with DogStatsD's tags. */
export const dogstatsd: Telemetry = {
  format: 'dogstatsd',
  makes: 'points',
  messages: (_: Moment, random) =>
    datagrams(
      (host, { handler, kind }) =>
        `shop.${kind}:${sampleOf(kind, random)}|#env:prod,host:${host.name},region:${host.region},handler:${handler}`,
    ),
}

/** Graphite's plaintext, the metrics of a host in a message, as a relay gathers them. */
export const graphite: Telemetry = {
  format: 'graphite',
  makes: 'points',
  *messages({ timeMs }, random): Generator<RawMessage> {
    for (const host of hosts) {
      const lines = metricsOfHost.map(
        ({ handler, kind }) =>
          `shop.${host.region}.${host.name}.${handler}.${kind} ${percent(random)} ${timeMs / 1_000}`,
      )
      yield { key: host.name, value: `${lines.join('\n')}\n`, things: lines.length }
    }
  },
}
