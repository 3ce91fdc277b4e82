import { cpus, loadavg } from 'node:os'

/** One side of a comparison. Further figures of its own stand beside these; seconds end in `_s`, bytes in `_bytes`. */
export interface Measured {
  readonly points: number
  /** User and system time of all its processes, from their start. */
  readonly cpu_s: number
  readonly wall_s: number
  readonly points_per_cpu_s: number
  readonly [figure: string]: unknown
}

/** What a benchmark writes with --json. A side that was not run is absent, and so is its ratio. */
export interface BenchResult {
  readonly bench: string
  readonly taken: string
  readonly machine: Machine
  /** What was done: sizes and settings. */
  readonly workload: Readonly<Record<string, unknown>>
  readonly ours?: Measured
  readonly peer?: Measured
  readonly limit?: Measured
  /** Points per CPU second of ours over the peer's. */
  readonly ratio_peer?: number
  /** Points per CPU second of ours over the limit's. */
  readonly ratio_limit?: number
  readonly [more: string]: unknown
}

interface Machine {
  readonly cpus: number
  readonly cpu: string
  readonly node: string
  /** Processes that wanted a CPU in the minute before: other work on the machine makes wall times worse. */
  readonly load_before: number
}

export const machine = (): Machine => ({
  cpus: cpus().length,
  cpu: cpus()[0]?.model ?? 'unknown',
  node: process.version,
  load_before: loadavg()[0]!,
})

export function measured(
  points: number,
  cpuSeconds: number,
  wallSeconds: number,
  more: Readonly<Record<string, unknown>> = {},
): Measured {
  return {
    points,
    cpu_s: round(cpuSeconds),
    wall_s: round(wallSeconds),
    points_per_cpu_s: Math.round(points / cpuSeconds),
    ...more,
  }
}

/** The ratios of what was measured. */
export function ratios({ ours, peer, limit }: Pick<BenchResult, 'ours' | 'peer' | 'limit'>): {
  readonly ratio_peer?: number
  readonly ratio_limit?: number
} {
  return {
    ...(ours && peer && { ratio_peer: round(ours.points_per_cpu_s / peer.points_per_cpu_s) }),
    ...(ours && limit && { ratio_limit: round(ours.points_per_cpu_s / limit.points_per_cpu_s) }),
  }
}

/** To a thousandth. */
export const round = (value: number) => Math.round(value * 1_000) / 1_000
