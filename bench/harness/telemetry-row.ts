import type { Telemetry } from '../telemetry/telemetry.ts'
import type { Written } from './produce-telemetry.ts'
import { round } from './result.ts'
import type { Spent } from './run-consumer.ts'

/** What was measured of one kind of telemetry, as the result has it. */
export interface TelemetryRow extends Pick<Telemetry, 'format' | 'makes'> {
  readonly variant?: string | undefined
  /** Processes that wanted a CPU in the minute before: a run takes long, and other work on the machine comes and goes. */
  readonly load_before: number
  readonly messages: number
  /** Without the agent's own compression, if it has one; with it in `packed_mb`. */
  readonly mb: number
  readonly packed_mb?: number | undefined
  readonly bytes_per_message: number
  /** Points, log events or spans. */
  readonly things: number
  readonly cpu_s: number
  readonly start_cpu_s: number
  readonly wall_s: number
  readonly messages_per_cpu_s: number
  readonly mb_per_cpu_s: number
  readonly things_per_cpu_s: number
  readonly messages_per_s: number
  readonly mb_per_s: number
  readonly things_per_s: number
  /** How many times the CPU of a byte of line protocol a byte costs. */
  readonly against_influx?: number
  readonly peer_things?: number
  readonly peer_cpu_s?: number
  readonly peer_start_cpu_s?: number
  readonly peer_wall_s?: number
  readonly peer_things_per_cpu_s?: number
  readonly peer_things_per_s?: number
  /** Things per CPU second of ours over the peer's. */
  readonly ratio_peer?: number
}

/** What was spent on what. */
interface Measured {
  readonly written: Written
  readonly spent: Spent
}

/** Of what our normalizer spent, and perhaps a peer on as much or more. */
export function telemetryRow(
  { format, variant, makes }: Telemetry,
  ours: Measured & { readonly loadBefore: number },
  peer: Measured | undefined,
): TelemetryRow {
  const { messages, bytes, unpackedBytes, things } = ours.written
  const mb = unpackedBytes / 1e6
  const { cpuSeconds, wallSeconds, startCpuSeconds } = ours.spent
  return {
    format,
    // Undefined keeps its column in its place.
    variant,
    makes,
    load_before: round(ours.loadBefore),
    messages,
    mb: round(mb),
    packed_mb: bytes === unpackedBytes ? undefined : round(bytes / 1e6),
    bytes_per_message: Math.round(unpackedBytes / messages),
    things,
    cpu_s: round(cpuSeconds),
    start_cpu_s: round(startCpuSeconds),
    wall_s: round(wallSeconds),
    messages_per_cpu_s: Math.round(messages / cpuSeconds),
    mb_per_cpu_s: round(mb / cpuSeconds),
    things_per_cpu_s: Math.round(things / cpuSeconds),
    messages_per_s: Math.round(messages / wallSeconds),
    mb_per_s: round(mb / wallSeconds),
    things_per_s: Math.round(things / wallSeconds),
    ...(peer && besides(things / cpuSeconds, peer)),
  }
}

function besides(ours: number, { written: { things }, spent }: Measured) {
  const { cpuSeconds, startCpuSeconds, wallSeconds } = spent
  return {
    peer_things: things,
    peer_cpu_s: round(cpuSeconds),
    peer_start_cpu_s: round(startCpuSeconds),
    peer_wall_s: round(wallSeconds),
    peer_things_per_cpu_s: Math.round(things / cpuSeconds),
    peer_things_per_s: Math.round(things / wallSeconds),
    ratio_peer: round((ours * cpuSeconds) / things),
  }
}

/** Each held against the first of line protocol, if that was measured. */
export function againstLineProtocol(rows: readonly TelemetryRow[]): readonly TelemetryRow[] {
  const basis = rows.find(({ format }) => format === 'influx')
  return basis
    ? rows.map((row) => ({ ...row, against_influx: round(basis.mb_per_cpu_s / row.mb_per_cpu_s) }))
    : rows
}
