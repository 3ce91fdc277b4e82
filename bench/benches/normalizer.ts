import { ConfigurationError } from '../../shared/errors.ts'
import type { Bench, BenchContext } from '../harness/bench.ts'
import { closing } from '../harness/closing.ts'
import { install } from '../harness/installation.ts'
import { machine } from '../harness/result.ts'
import { runNormalizer } from '../harness/run-normalizer.ts'
import { standstill } from '../harness/run-pipeline.ts'
import { topicSettings } from '../harness/settings.ts'
import { figure } from '../harness/table.ts'
import { againstLineProtocol, type TelemetryRow, telemetryRow } from '../harness/telemetry-row.ts'
import { runTelegraf } from '../peers/run-telegraf.ts'
import { telegrafSettings } from '../peers/telegraf.ts'
import { allTelemetry } from '../telemetry/registry.ts'
import { nameOf, type Telemetry } from '../telemetry/telemetry.ts'

const partitions = 4
const series = 10_000

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
    const rows: TelemetryRow[] = []
    try {
      for (const telemetry of chosen(format))
        rows.push(await closing(context, (part) => measureTelemetry(part, telemetry, mb)))
    } catch (error) {
      // A whole run takes long: after Ctrl-C, what was measured before is still told.
      if (!context.signal.aborted || rows.length === 0) throw error
    }
    return {
      bench: 'normalizer',
      taken: new Date().toISOString(),
      machine: before,
      workload: { mb_of_each: mb, series, partitions, peer_settings: telegrafSettings },
      rows: againstLineProtocol(rows),
    }
  },
}

/** Those of these formats, or of exactly these names; by default all. */
function chosen(names: readonly string[] | undefined): readonly Telemetry[] {
  if (names === undefined) return allTelemetry
  const isMeant = (one: Telemetry, name: string) => one.format === name || nameOf(one) === name
  const unknown = names.find((name) => !allTelemetry.some((one) => isMeant(one, name)))
  if (unknown === undefined) return allTelemetry.filter((one) => names.some((name) => isMeant(one, name)))
  throw new ConfigurationError(
    `There is no telemetry of “${unknown}” to measure: there is ${allTelemetry.map(nameOf).join(', ')}.`,
  )
}

async function measureTelemetry(
  context: BenchContext,
  telemetry: Telemetry,
  mb: number,
): Promise<TelemetryRow> {
  const { only } = context.options
  const name = nameOf(telemetry)
  context.report(`normalizing ${mb} MB of ${name}`)
  const { load_before: loadBefore } = machine()
  const installation = await install(context, { ...topicSettings(partitions), ...standstill })
  const { written, spent, backlog } = await runNormalizer(context, installation, telemetry, mb * 1e6)
  const peer = only.includes('peer')
    ? await runTelegraf(context, installation, telemetry.format, partitions, backlog)
    : undefined
  const row = telemetryRow(
    telemetry,
    { loadBefore, written, spent },
    peer && { written: backlog, spent: peer },
  )
  const ratio = row.ratio_peer ? `, ${figure(row.ratio_peer)} times Telegraf’s` : ''
  context.report(
    `a CPU second reads ${figure(row.mb_per_cpu_s)} MB, ${figure(row.things_per_cpu_s)} ${row.makes} of ${name}${ratio}`,
  )
  return row
}
