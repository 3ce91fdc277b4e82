import type { Tag } from '../../shared/avro/types.ts'

/** A sample of a series, or a reading of a counter, as an agent sends it. */
export interface Point {
  readonly metric: string
  /** Sorted by key. */
  readonly tags: readonly Tag[]
  readonly time: number
  readonly value: number
}

export interface LogEvent {
  readonly id: number
  readonly time: number
  readonly service: string
  readonly message: string
}

/** What is sent together: the points of a host to one partition of the raw topic, and the events of a service to another. */
interface Tick {
  readonly metrics: readonly { readonly partition: number; readonly points: readonly Point[] }[]
  readonly logs: readonly { readonly partition: number; readonly event: LogEvent }[]
}

export interface TelemetryOptions {
  /** Name of the metrics; that of a run, so that runs may share a store. */
  readonly metric: string
  readonly partitions: number
  /** Most points are up to this much older than the newest. */
  readonly disorderMs: number
  /** Of the others, how old they may be. */
  readonly lateMs: number
  readonly lateShare: number
}

const hosts = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const regions = ['east', 'west']
const services = ['api', 'web', 'db', 'batch', 'auth']
/** Hosts that report in one tick. */
const hostsInTick = 3
const logsInTick = 2
/** A host mostly writes through the same partition; sometimes, as behind a proxy, through another. */
const strayShare = 0.1

/** The telemetry of one moment; `firstLog` numbers its log events. */
export function tick(options: TelemetryOptions, random: () => number, now: number, firstLog: number): Tick {
  const below = (limit: number) => Math.floor(random() * limit)
  const age = () => (random() < options.lateShare ? below(options.lateMs) : below(options.disorderMs))
  const metrics = Array.from({ length: hostsInTick }, () => {
    const host = below(hosts.length)
    const tags = [
      { key: 'host', value: hosts[host]! },
      { key: 'region', value: regions[host % regions.length]! },
    ]
    const time = now - age()
    return {
      partition: random() < strayShare ? below(options.partitions) : host % options.partitions,
      points: [
        { metric: `${options.metric}.latency`, tags, time, value: sample(random) },
        { metric: `${options.metric}.load`, tags, time, value: sample(random) },
        { metric: `${options.metric}.${counter.field}`, tags, time, value: time - counter.since },
      ],
    }
  })
  const logs = Array.from({ length: logsInTick }, (_, i) => {
    const id = firstLog + i
    const service = services[below(services.length)]!
    return {
      partition: below(options.partitions),
      event: { id, time: now - age(), service, message: `event ${id} of ${service}` },
    }
  })
  return { metrics, logs }
}

/** A counter of milliseconds: whichever readings come, in whatever order, between any two it gains a thousand a second. */
export const counter = { field: 'uptime', since: 1_600_000_000_000, rate: 1_000 }

/** Quarters: sums of them are exact, in any order. Of both signs, with an outlier now and then for the detector. */
function sample(random: () => number): number {
  const value = Math.round((random() - 0.2) * 40_000) / 4
  return random() < 0.002 ? value * 1_000 : value
}

/** The points of one host and moment as a line of line protocol. */
export function lineOf(measurement: string, points: readonly Point[]): string {
  const { tags, time } = points[0]!
  const fields = points.map(({ metric, value }) => `${metric.slice(measurement.length + 1)}=${value}`)
  return `${measurement},${tags.map(({ key, value }) => `${key}=${value}`).join(',')} ${fields.join(',')} ${time}000000`
}

export const ecsOf = ({ id, time, service, message }: LogEvent): string =>
  JSON.stringify({
    '@timestamp': new Date(time).toISOString(),
    message,
    service: { name: service },
    n: String(id),
  })
