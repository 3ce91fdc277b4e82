import { readFileSync } from 'node:fs'
import { type Bench, type BenchContext, until } from '../harness/bench.ts'
import { type Installation, install } from '../harness/installation.ts'
import { type PointsOrder, producePoints } from '../harness/produce-points.ts'
import { readWindows } from '../harness/read-windows.ts'
import { machine, round } from '../harness/result.ts'
import { recordsIn } from '../harness/scrape.ts'
import { requireRunning, type ServiceProcess, startService, untilReady } from '../harness/service-process.ts'
import { aggregatorSettings, neverIdle, topicSettings } from '../harness/settings.ts'

const partitions = 4
const windowMs = 10_000
const timeoutMs = 180_000

/** Windows before the open one: with the default lateness of a minute all of them still take late points, so all are read again. */
const keptWindows = 9

/**
 * A killed aggregator: how long after its restart the first new window is committed. Without a farewell the group waits
 * for the dead member's session to end before it gives the partitions to the new one; what is ours comes after that.
 */
export const recovery: Bench = {
  name: 'recovery',
  does: 'kill -9 of an aggregator with 100,000 series open: until the first new window',
  servers: ['kafka', 'registry'],

  async run(context) {
    const before = machine()
    const { series = 100_000, samples = 1, windows: rounds = 3 } = context.options
    const installation = await install(context, {
      // The one sample of a series stands at the beginning of its window: the next window's ends this one.
      ...aggregatorSettings(windowMs, 0),
      ...topicSettings(partitions),
      ...neverIdle,
    })
    const arrivals = await watchArrivals(context, installation)
    const now = Math.floor(Date.now() / windowMs) * windowMs - 300_000
    let start = now - keptWindows * windowMs
    const order = { series, partitions, samples, windowMs }
    let service = await startService(context, installation, 'aggregator')
    await untilReady(context, service)
    const kept = Array.from({ length: keptWindows + 1 }, (_, i) => start + i * windowMs)
    await feed(context, installation, service, { ...order, starts: kept })
    start = kept.at(-1)!
    const rows = []
    for (let round_ = 0; round_ < rounds; round_++) {
      context.report(`killing and restarting the aggregator, ${round_ + 1} of ${rounds}`)
      await service.stop('SIGKILL')
      // These points end the window that was open when the aggregator died: it is the first that the new one owes.
      const next = start + windowMs
      await producePoints(context, installation, { ...order, starts: [next] })
      const killed = { start, series }
      service = await startService(context, installation, 'aggregator')
      rows.push(await measureRecovery(context, service, arrivals, killed))
      start = next
    }
    return {
      bench: 'recovery',
      taken: new Date().toISOString(),
      machine: before,
      workload: {
        series,
        samples_per_window: samples,
        windows_kept: keptWindows + 1,
        points_read_again: series * samples * (keptWindows + 1),
        partitions,
        session_timeout_ms: installation.config.worker.sessionTimeoutMs,
      },
      rows,
      worst_beyond_rebalance_s: Math.max(...rows.map((row) => row.first_window_beyond_rebalance_s)),
    }
  },
}

interface Arrivals {
  /** When the first window of a start was seen, milliseconds. */
  first(start: number): number | undefined
  count(start: number): number
}

async function watchArrivals(context: BenchContext, installation: Installation): Promise<Arrivals> {
  const seen = new Map<number, { readonly first: number; count: number }>()
  await readWindows(context, installation, ({ startMs, sizeMs }) => {
    if (sizeMs !== windowMs) return
    const entry = seen.get(startMs) ?? { first: Date.now(), count: 0 }
    entry.count++
    seen.set(startMs, entry)
  })
  return { first: (start) => seen.get(start)?.first, count: (start) => seen.get(start)?.count ?? 0 }
}

/** Writes points and waits until they have been processed, and committed. */
async function feed(
  context: BenchContext,
  installation: Installation,
  service: ServiceProcess,
  order: PointsOrder,
): Promise<void> {
  context.report(
    `writing ${(order.series * order.samples * order.starts.length).toLocaleString('en')} points`,
  )
  const records = await producePoints(context, installation, order)
  await until(
    async () => {
      requireRunning(service)
      return (await recordsIn(service)) >= records
    },
    context,
    timeoutMs,
    () => 'the aggregator has not read all points',
  )
}

async function measureRecovery(
  context: BenchContext,
  service: ServiceProcess,
  arrivals: Arrivals,
  killed: { readonly start: number; readonly series: number },
) {
  await until(
    () => {
      requireRunning(service)
      return arrivals.count(killed.start) >= killed.series
    },
    context,
    timeoutMs,
    () => `${arrivals.count(killed.start)} of ${killed.series} windows have come after the restart`,
  )
  const all = Date.now()
  const joined = joinedAt(service)
  const seconds = (from: number, to: number) => round((to - from) / 1_000)
  return {
    restart_to_rebalanced_s: seconds(service.startedAt, joined),
    first_window_beyond_rebalance_s: seconds(joined, arrivals.first(killed.start)!),
    all_windows_beyond_rebalance_s: seconds(joined, all),
    restart_to_first_window_s: seconds(service.startedAt, arrivals.first(killed.start)!),
    cpu_s: service.cpuSeconds(),
  }
}

/** When the group gave it its partitions, by its log; milliseconds. */
function joinedAt({ logFile }: ServiceProcess): number {
  const line = readFileSync(logFile, 'utf8')
    .split('\n')
    .find((text) => text.includes('"joined the group"') && !text.includes('"partitions":0,'))
  if (!line) throw new Error(`${logFile} does not tell when the group gave it partitions.`)
  return Date.parse((JSON.parse(line) as { readonly time: string }).time)
}
