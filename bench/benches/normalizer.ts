import { ConfigurationError } from '../../shared/errors.ts'
import type { Bench, BenchContext } from '../harness/bench.ts'
import { closing } from '../harness/closing.ts'
import { install } from '../harness/installation.ts'
import { produceTelemetry, type Written } from '../harness/produce-telemetry.ts'
import { machine, round } from '../harness/result.ts'
import type { Spent } from '../harness/run-consumer.ts'
import { runNormalizer } from '../harness/run-normalizer.ts'
import { topicSettings } from '../harness/settings.ts'
import { runTelegraf } from '../peers/run-telegraf.ts'
import { telegrafSettings } from '../peers/telegraf.ts'
import { allTelemetry } from '../telemetry/registry.ts'
import { nameOf, type Telemetry } from '../telemetry/telemetry.ts'

const partitions = 4
const series = 10_000
const [lineProtocol] = allTelemetry

/**
 * From raw topic to typed batches, exactly once, one format after the other: what a byte, a message and a point, log
 * event or span of each costs, and what a byte costs over one of line protocol.
 */
export const normalizer: Bench = {
  name: 'normalizer',
  does: 'raw topic → typed batches, each format, beside Telegraf',
  servers: ['kafka', 'registry'],

  async run(context) {
    const before = machine()
    const { format, mb = 64 } = context.options
    const rows = []
    let basis: number | undefined
    for (const telemetry of chosen(format)) {
      const row = await closing(context, (part) => measureTelemetry(part, telemetry, mb))
      if (telemetry === lineProtocol) basis = row.mb_per_cpu_s
      rows.push(basis === undefined ? row : { ...row, against_influx: round(basis / row.mb_per_cpu_s) })
    }
    return {
      bench: 'normalizer',
      taken: new Date().toISOString(),
      machine: before,
      workload: { mb_of_each: mb, series, partitions, peer_settings: telegrafSettings },
      rows,
    }
  },
}

/** Those of this format, or of exactly this name; by default all. */
function chosen(format: string | undefined): readonly Telemetry[] {
  if (format === undefined) return allTelemetry
  const found = allTelemetry.filter((one) => one.format === format || nameOf(one) === format)
  if (found.length > 0) return found
  throw new ConfigurationError(
    `There is no telemetry of “${format}” to measure: there is ${allTelemetry.map(nameOf).join(', ')}.`,
  )
}

async function measureTelemetry(context: BenchContext, telemetry: Telemetry, mb: number) {
  const { only } = context.options
  const name = nameOf(telemetry)
  context.report(`writing ${mb} MB of ${name}`)
  const installation = await install(context, topicSettings(partitions))
  const written = await produceTelemetry(context, installation, telemetry, mb * 1e6)
  context.report(`normalizing ${name}`)
  const spent = await runNormalizer(context, installation, telemetry, written)
  const peer = only.includes('peer')
    ? await runTelegraf(context, installation, telemetry.format, partitions, written)
    : undefined
  const row = { telemetry: name, makes: telemetry.makes, ...figuresOf(written, spent) }
  return peer ? { ...row, ...besides(row.things_per_cpu_s, written, peer) } : row
}

function besides(ours: number, { things }: Written, { cpuSeconds, startCpuSeconds, wallSeconds }: Spent) {
  const theirs = Math.round(things / cpuSeconds)
  return {
    peer_cpu_s: round(cpuSeconds),
    peer_start_cpu_s: round(startCpuSeconds),
    peer_wall_s: round(wallSeconds),
    peer_things_per_cpu_s: theirs,
    ratio_peer: round(ours / theirs),
  }
}

const figuresOf = ({ messages, bytes, unpackedBytes, things }: Written, spent: Spent) => ({
  messages,
  mb: round(unpackedBytes / 1e6),
  ...(bytes !== unpackedBytes && { packed_mb: round(bytes / 1e6) }),
  bytes_per_message: Math.round(unpackedBytes / messages),
  things,
  cpu_s: round(spent.cpuSeconds),
  start_cpu_s: round(spent.startCpuSeconds),
  wall_s: round(spent.wallSeconds),
  messages_per_cpu_s: Math.round(messages / spent.cpuSeconds),
  mb_per_cpu_s: round(unpackedBytes / 1e6 / spent.cpuSeconds),
  things_per_cpu_s: Math.round(things / spent.cpuSeconds),
  messages_per_s: Math.round(messages / spent.wallSeconds),
  mb_per_s: round(unpackedBytes / 1e6 / spent.wallSeconds),
  things_per_s: Math.round(things / spent.wallSeconds),
})
