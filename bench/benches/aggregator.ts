import { type Bench, type BenchContext, until } from '../harness/bench.ts'
import { type Installation, install } from '../harness/installation.ts'
import { runLimit } from '../harness/limit-process.ts'
import { readMemory } from '../harness/memory-probe.ts'
import { normalizeAll } from '../harness/normalized.ts'
import { produceClosing, produceWorkload } from '../harness/produce.ts'
import { producePoints } from '../harness/produce-points.ts'
import { machine, measured, ratios } from '../harness/result.ts'
import { runPipeline } from '../harness/run-pipeline.ts'
import { recordsIn } from '../harness/scrape.ts'
import { requireRunning, startService, untilReady } from '../harness/service-process.ts'
import { aggregatorSettings, neverIdle, topicSettings } from '../harness/settings.ts'
import type { LimitAnswer, LimitOrder } from '../limit/points.ts'
import { backlog } from './windows.ts'

const partitions = 4
const windowMs = 10_000
const timeoutMs = 600_000

/**
 * The aggregator alone: points, as the normalizer has written them, to windows; beside it the limit, which fetches and
 * decodes them only. Then what an open window costs in memory.
 */
export const aggregator: Bench = {
  name: 'aggregator',
  does: 'points → windows alone, beside fetching and decoding; memory of an open window',
  servers: ['kafka', 'registry'],

  async run(context) {
    const before = machine()
    const workload = backlog(context, windowMs)
    const { only, samples = 100, open = 200_000 } = context.options
    const sidesMeasured = await measureThroughput(context, workload)
    const rows: MemoryRow[] = []
    if (only.includes('memory')) {
      rows.push(await measureMemory(context, { series: open, windows: 1, samples }))
      rows.push(await measureMemory(context, { series: Math.round(open / 4), windows: 4, samples }))
    }
    return {
      bench: 'aggregator',
      taken: new Date().toISOString(),
      machine: before,
      workload: { points: workload.points, series: workload.series, samples_per_window: samples, partitions },
      ...sidesMeasured,
      ...ratios(sidesMeasured),
      ...(rows.length > 0 && { rows }),
    }
  },
}

async function measureThroughput(context: BenchContext, workload: ReturnType<typeof backlog>) {
  const { only } = context.options
  if (!only.includes('ours') && !only.includes('limit')) return {}
  const installation = await install(context, {
    ...aggregatorSettings(windowMs),
    ...topicSettings(partitions),
  })
  context.report(
    `writing ${workload.messages.toLocaleString('en')} messages and letting the normalizer read them`,
  )
  await produceWorkload(context, installation, workload)
  await produceClosing(installation, workload, partitions)
  await normalizeAll(context, installation)
  const limit = only.includes('limit')
    ? await runFetchAndDecode(context, installation, workload.points)
    : undefined
  if (only.includes('ours')) context.report('running the aggregator')
  const ours = only.includes('ours')
    ? await runPipeline(context, installation, workload, { aggregator: 1 })
    : undefined
  return { ...(ours && { ours }), ...(limit && { limit }) }
}

async function runFetchAndDecode(context: BenchContext, installation: Installation, points: number) {
  context.report('running the limit: fetch and decode')
  const { name, topics } = installation
  const { answer, cpuSeconds, wallSeconds } = await runLimit<LimitAnswer>(context, installation, 'points', {
    topic: topics.points.name,
    groupId: `${name}-limit`,
    points,
  } satisfies LimitOrder)
  return measured(points, cpuSeconds, wallSeconds, { records: answer.records })
}

interface MemoryOrder {
  readonly series: number
  /** Of each series, open at the same time. */
  readonly windows: number
  readonly samples: number
}

interface MemoryRow extends MemoryOrder {
  readonly open_windows: number
  readonly idle_rss_bytes: number
  readonly rss_bytes: number
  readonly rss_collected_bytes: number
  /** What the second half of the windows took, each with its share of its series, garbage collected before and after. */
  readonly live_bytes_per_window: number
  readonly rss_bytes_per_window: number
}

/**
 * Holds windows open, by a disorder that lets none end. Memory is read when the process is idle, when half of the series
 * are there and when all are: the second half takes what windows take, and nothing that is there only once.
 */
async function measureMemory(context: BenchContext, order: MemoryOrder): Promise<MemoryRow> {
  const { series, windows, samples } = order
  context.report(
    `holding ${(series * windows).toLocaleString('en')} windows of ${series.toLocaleString('en')} series open`,
  )
  const installation = await install(context, {
    ...aggregatorSettings(windowMs, windows * windowMs),
    ...topicSettings(partitions),
    ...neverIdle,
  })
  const service = await startService(context, installation, 'aggregator', ['--inspect=127.0.0.1:0'])
  await untilReady(context, service)
  const idle = await readMemory(service)
  const end = Math.floor(Date.now() / windowMs) * windowMs
  const starts = Array.from({ length: windows }, (_, i) => end - (windows - i) * windowMs)
  const half = Math.floor(series / 2)
  let records = 0
  const feed = async (firstSeries: number, count: number) => {
    const points = { series: count, firstSeries, partitions, samples, windowMs, starts }
    records += await producePoints(context, installation, points)
    await until(
      async () => {
        requireRunning(service)
        return (await recordsIn(service)) >= records
      },
      context,
      timeoutMs,
      () => 'the aggregator has not read all points',
    )
    return await readMemory(service)
  }
  const halfFull = await feed(0, half)
  const full = await feed(half, series - half)
  await service.stop('SIGKILL')
  const perWindow = (bytes: number) => Math.round(bytes / ((series - half) * windows))
  return {
    ...order,
    open_windows: series * windows,
    idle_rss_bytes: idle.residentBytes,
    rss_bytes: full.residentBytes,
    rss_collected_bytes: full.collectedBytes,
    live_bytes_per_window: perWindow(full.liveBytes - halfFull.liveBytes),
    rss_bytes_per_window: perWindow(full.collectedBytes - halfFull.collectedBytes),
  }
}
