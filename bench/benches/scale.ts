import { setTimeout as delay } from 'node:timers/promises'
import type { Bench, BenchContext } from '../harness/bench.ts'
import { install } from '../harness/installation.ts'
import { untilNormalized } from '../harness/normalized.ts'
import { produceClosing, produceWorkload } from '../harness/produce.ts'
import { machine, round } from '../harness/result.ts'
import { runPipeline, standstill } from '../harness/run-pipeline.ts'
import { aggregatorSettings, topicSettings } from '../harness/settings.ts'
import { Workload } from '../harness/workload.ts'
import { backlog } from './windows.ts'

const windowMs = 10_000

/** What is varied: one thing at a time, tenfold in all but workers, for which two cores are few. */
interface Variant {
  readonly workers: number
  readonly partitions: number
  readonly series: number
}

const variants: readonly (Variant & { readonly varies: string })[] = [
  { varies: 'workers', workers: 1, partitions: 16, series: 10_000 },
  { varies: 'workers', workers: 2, partitions: 16, series: 10_000 },
  { varies: 'workers', workers: 4, partitions: 16, series: 10_000 },
  { varies: 'partitions', workers: 1, partitions: 4, series: 10_000 },
  { varies: 'partitions', workers: 1, partitions: 40, series: 10_000 },
  { varies: 'series', workers: 1, partitions: 16, series: 1_000 },
  { varies: 'series', workers: 1, partitions: 16, series: 100_000 },
]

/** Part of the workload that is written before, for each worker, and not counted: processes start, join, and are compiled. */
const warmUpShare = 0.25

/** After it was read: its windows are emitted, and no transaction is open. */
const settleMs = 2_000

/**
 * Whether a point costs the same when there are more workers, partitions or series. The workers run when telemetry
 * comes, and have warmed up on some that is not counted. Of each group the first row is the base.
 */
export const scale: Bench = {
  name: 'scale',
  does: 'CPU per point with more workers, partitions and series',
  servers: ['kafka', 'registry'],

  async run(context) {
    const before = machine()
    const { samples = 20 } = context.options
    const rows = []
    const firsts = new Map<string, number>()
    for (const { varies, ...variant } of variants) {
      const cost = await measureVariant(context, variant, samples)
      const first = firsts.get(varies) ?? cost.cpu_us_per_point
      firsts.set(varies, first)
      rows.push({ varies, ...variant, ...cost, against_first: round(cost.cpu_us_per_point / first) })
    }
    const factors = rows.map((row) => row.against_first)
    return {
      bench: 'scale',
      taken: new Date().toISOString(),
      machine: before,
      workload: { points: rows[0]!.points, samples_per_window: samples },
      rows,
      worst_factor: Math.max(...factors),
    }
  },
}

async function measureVariant(
  context: BenchContext,
  { workers, partitions, series }: Variant,
  samples: number,
) {
  const options = { ...context.options, series, samples }
  const workload = backlog({ options }, windowMs)
  const { size } = workload
  const earlier = Math.max(1, Math.round(size.windows * warmUpShare * workers))
  const before = new Workload({ ...size, windows: earlier, startMs: size.startMs - earlier * windowMs })
  const installation = await install(context, {
    ...aggregatorSettings(windowMs),
    ...topicSettings(partitions),
    ...standstill,
    // Hundreds of seconds of events are written within one: no reader is told by the broker's times to be behind.
    TIDEMARK_AGGREGATOR_MAX_HOLD_BACK_MS: '3600000',
  })
  context.report(`${workers} workers, ${partitions} partitions, ${series.toLocaleString('en')} series`)
  const services = { normalizer: workers, aggregator: workers }
  const ours = await runPipeline(context, installation, workload, services, {
    async warmUp() {
      await produceWorkload(context, installation, before)
      await untilNormalized(context, installation)
      await delay(settleMs, undefined, { signal: context.signal })
    },
    async write() {
      await produceWorkload(context, installation, workload)
      await produceClosing(installation, workload, partitions)
    },
  })
  const cpuSeconds = ours.cpu_s - (ours.start_cpu_s as number)
  return {
    points: ours.points,
    start_cpu_s: ours.start_cpu_s,
    cpu_s: round(cpuSeconds),
    wall_s: ours.wall_s,
    cpu_us_per_point: round((cpuSeconds * 1e6) / ours.points),
  }
}
