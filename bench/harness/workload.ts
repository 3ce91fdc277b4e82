/** How much telemetry, in what shape. */
interface WorkloadSize {
  readonly hosts: number
  readonly windows: number
  /** Of each series in each window: the messages of a host in a window. */
  readonly samples: number
  readonly windowMs: number
  /** Event time of the first window's start, milliseconds; a multiple of windowMs. */
  readonly startMs: number
}

/** Of each message. The scale differs by field as latencies, sizes and shares do. */
export const fields = ['latency', 'ttfb', 'bytes', 'queue', 'load'] as const

const scales = [12, 4, 2_400, 0.8, 55]
const spread = 0.7
export const measurement = 'http'

/**
 * Telemetry of a fleet, the same in every run: any value can be told again from its place alone, so what comes out can be
 * checked without keeping what went in. Values are log-normal with three decimals, as latencies are.
 */
export class Workload {
  readonly size: WorkloadSize
  readonly #tags: readonly string[]

  constructor(size: WorkloadSize) {
    this.size = size
    this.#tags = Array.from(
      { length: size.hosts },
      (_, host) => `,host=${hostName(host)},region=${regions[host % 3]},role=${roles[host % 4]}`,
    )
  }

  get messages(): number {
    return this.size.hosts * this.size.windows * this.size.samples
  }

  get points(): number {
    return this.messages * fields.length
  }

  get series(): number {
    return this.size.hosts * fields.length
  }

  get seriesWindows(): number {
    return this.series * this.size.windows
  }

  get endMs(): number {
    return this.size.startMs + this.size.windows * this.size.windowMs
  }

  /** The messages of one moment: one of each host. Moments count from 0 to windows × samples − 1. */
  line(host: number, moment: number): string {
    return this.#line(this.#tags[host]!, host, moment, this.timeOf(moment))
  }

  timeOf(moment: number): number {
    return this.size.startMs + Math.floor((moment * this.size.windowMs) / this.size.samples)
  }

  /** A line of hosts that are not counted, long after the last window: it moves the clocks on. */
  closingLine(host: number): string {
    return this.#line(`,host=closing-${host}`, host, 0, this.endMs + closingAfterMs)
  }

  /** All samples of one series in one window. */
  samplesOf(host: number, field: number, window: number): Float64Array {
    const { samples } = this.size
    return Float64Array.from({ length: samples }, (_, i) => sampleAt(host, field, window * samples + i))
  }

  #line(tags: string, host: number, moment: number, timeMs: number): string {
    let line = `${measurement}${tags}`
    for (let field = 0; field < fields.length; field++)
      line += `${field === 0 ? ' ' : ','}${fields[field]}=${sampleAt(host, field, moment)}`
    return `${line} ${timeMs}000000`
  }
}

/** Beyond any allowed disorder or grace, and within what the normalizer takes from the future. */
const closingAfterMs = 90_000
const regions = ['eu-west', 'us-east', 'ap-south']
const roles = ['api', 'web', 'worker', 'db']

export const hostName = (host: number) => `node-${String(host).padStart(6, '0')}`
/** As the normalizer names the series of a field. */
export const metricOf = (field: number) => `${measurement}.${fields[field]}`

/** Nearest rank ⌈q · n⌉, the definition that Tidemark's percentiles are held against. */
export function exactQuantile(samples: Float64Array, q: number): number {
  const sorted = samples.toSorted()
  return sorted[Math.max(0, Math.ceil(q * sorted.length - 1e-9) - 1)]!
}

/** The value at one place: log-normal, three decimals, at least 0.001. */
export function sampleAt(host: number, field: number, moment: number): number {
  const u = uniform(host, field, moment * 2)
  const v = uniform(host, field, moment * 2 + 1)
  // Box and Muller: two uniform numbers give a normal one.
  const normal = Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v)
  return Math.max(1, Math.round(scales[field]! * Math.exp(spread * normal) * 1_000)) / 1_000
}

/** In (0, 1), from three integers: the finalizer of MurmurHash3 over their mix. */
function uniform(a: number, b: number, c: number): number {
  let hash = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca77) ^ Math.imul(c + 1, 0xc2b2ae3d)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (((hash ^ (hash >>> 16)) >>> 0) + 0.5) / 2 ** 32
}
