import { sumOf } from '../../cli/up/scrape.ts'
import { type Bench, type BenchContext, until } from '../harness/bench.ts'
import { type Installation, install } from '../harness/installation.ts'
import { machine, round } from '../harness/result.ts'
import { requireRunning, type ServiceProcess, startService, untilReady } from '../harness/service-process.ts'
import { topicSettings } from '../harness/settings.ts'
import { SteadyFlow } from '../harness/steady-flow.ts'
import { fields } from '../harness/workload.ts'

const partitions = 8

/** Workers that are there before and after each change. */
const workersAtFirst = 2

/** How often each change is made. */
const times = 5

const timeoutMs = 60_000

/** What a worker says of its stalls, and of what it works on. */
interface Scraped {
  readonly stalls: number
  readonly stallSeconds: number
  readonly owned: number
}

type Change = 'worker added' | 'worker stopped' | 'worker killed'

/**
 * How long a rebalance holds up the aggregators under load. The stall is what the workers that stay measure themselves: from
 * when they hear of the rebalance until all their tasks run. The outage is seen from outside: from the change until some
 * worker runs a task for each partition, which includes that the group must first miss a worker that was killed.
 */
export const rebalance: Bench = {
  name: 'rebalance',
  does: 'how long the aggregators stand still when one is added, stopped or killed under load',
  servers: ['kafka', 'registry'],

  async run(context) {
    const before = machine()
    const { rate = 10_000, series = 10_000 } = context.options
    const installation = await install(context, topicSettings(partitions))
    const start = async () => {
      const worker = await startService(context, installation, 'aggregator')
      await untilReady(context, worker)
      return worker
    }
    const normalizer = await startService(context, installation, 'normalizer')
    await untilReady(context, normalizer)
    const staying: ServiceProcess[] = []
    for (let i = 0; i < workersAtFirst; i++) staying.push(await start())
    const flow = await SteadyFlow.start(installation, {
      hosts: Math.round(series / fields.length),
      pointsPerSecond: rate,
      onTick: () => undefined,
    })
    context.atEnd(() => flow.stop())
    const seen: { readonly change: Change; readonly stallSeconds: number; readonly outageSeconds: number }[] =
      []
    const watch = async (change: Change, others: readonly ServiceProcess[], act: () => Promise<unknown>) =>
      seen.push({ change, ...(await watchChange(context, installation, { staying, others, act })) })
    for (let i = 0; i < times; i++) {
      context.report(`round ${i + 1} of ${times}`)
      requireRunning(normalizer)
      for (const end of ['worker stopped', 'worker killed'] as const) {
        const added: ServiceProcess[] = []
        await watch('worker added', added, async () => added.push(await start()))
        await watch(end, [], () => added[0]!.stop(end === 'worker killed' ? 'SIGKILL' : 'SIGTERM'))
      }
    }
    await flow.stop()
    const { sessionTimeoutMs, heartbeatIntervalMs } = installation.config.worker
    return {
      bench: 'rebalance',
      taken: new Date().toISOString(),
      machine: before,
      workload: {
        points_per_s: rate,
        series,
        partitions,
        session_ms: sessionTimeoutMs,
        heartbeat_ms: heartbeatIntervalMs,
      },
      rows: (['worker added', 'worker stopped', 'worker killed'] as const).map((change) => {
        const some = seen.filter((one) => one.change === change)
        const stalls = some.map(({ stallSeconds }) => stallSeconds)
        const outages = some.map(({ outageSeconds }) => outageSeconds)
        return {
          change,
          times: some.length,
          stall_mean_s: round(stalls.reduce((sum, one) => sum + one, 0) / stalls.length),
          stall_max_s: round(Math.max(...stalls)),
          // Until a new worker is there nobody misses it.
          ...(change !== 'worker added' && { outage_max_s: round(Math.max(...outages)) }),
        }
      }),
    }
  },
}

interface Watched {
  /** Workers that are there before and after. */
  readonly staying: readonly ServiceProcess[]
  /** Those that the change adds. */
  readonly others: readonly ServiceProcess[]
  act(): Promise<unknown>
}

/** The longest stall of those that stay, and how long some partition had no task. */
async function watchChange(
  context: BenchContext,
  { topics }: Installation,
  { staying, others, act }: Watched,
) {
  const scrape = (workers: readonly ServiceProcess[]) =>
    Promise.all(workers.map((worker) => scrapeWorker(worker, topics.points.name)))
  const before = await scrape(staying)
  const started = performance.now()
  await act()
  let after = before
  await until(
    async () => {
      staying.forEach(requireRunning)
      after = await scrape(staying)
      const added = await scrape(others)
      const owned = [...after, ...added].reduce((sum, one) => sum + one.owned, 0)
      return owned === partitions && after.every(({ stalls }, i) => stalls > before[i]!.stalls)
    },
    context,
    timeoutMs,
    () => 'not every partition has a task again',
  )
  return {
    outageSeconds: (performance.now() - started) / 1_000,
    stallSeconds: Math.max(...after.map(({ stallSeconds }, i) => stallSeconds - before[i]!.stallSeconds)),
  }
}

async function scrapeWorker({ url }: ServiceProcess, topic: string): Promise<Scraped> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const lags = text.split('\n').filter((line) => line.startsWith(`tidemark_lag_records{topic="${topic}"`))
  return {
    stalls: sumOf(text, 'tidemark_rebalance_stall_seconds_count'),
    stallSeconds: sumOf(text, 'tidemark_rebalance_stall_seconds_sum'),
    owned: lags.length,
  }
}
