import { type Bench, until } from '../harness/bench.ts'
import { install } from '../harness/installation.ts'
import { readMemory } from '../harness/memory-probe.ts'
import { produceWindows } from '../harness/produce-windows.ts'
import { machine, measured, round } from '../harness/result.ts'
import { windowsJudged } from '../harness/scrape.ts'
import { requireRunning, startService, untilReady } from '../harness/service-process.ts'
import { topicSettings } from '../harness/settings.ts'

const partitions = 4
const windowMs = 10_000
const timeoutMs = 1_200_000
/** Until all series have a base, and have given back what their first 256 values need; then each base moves once. */
const warmUpRounds = 300
const measuredRounds = 30

/** The detector as a service, on real servers: what a window costs all in, and a series in memory. */
export const watching: Bench = {
  name: 'watching',
  does: 'the detector as a service: CPU of a window, memory of a series (--series)',
  servers: ['kafka', 'registry'],

  async run(context) {
    const before = machine()
    const { series = 20_000 } = context.options
    const installation = await install(context, topicSettings(partitions))
    const service = await startService(context, installation, 'detector', ['--inspect=127.0.0.1:0'])
    await untilReady(context, service)
    const idle = await readMemory(service)
    const feed = async (firstRound: number, rounds: number) => {
      const order = { series, partitions, windowMs, startMs: 1_700_000_000_000, firstRound, rounds }
      const producing = produceWindows(context, installation, order)
      await until(
        async () => {
          requireRunning(service)
          return (await windowsJudged(service)) >= series * (firstRound + rounds)
        },
        context,
        timeoutMs,
        () => 'the detector has not read all windows',
      )
      await producing
    }
    context.report(`${warmUpRounds} windows of ${series.toLocaleString('en')} series, not counted`)
    await feed(0, warmUpRounds)
    const startCpu = service.cpuSeconds()
    const started = performance.now()
    context.report(`${measuredRounds} more`)
    await feed(warmUpRounds, measuredRounds)
    const cpu = service.cpuSeconds() - startCpu
    const windows = series * measuredRounds
    const full = await readMemory(service)
    return {
      bench: 'watching',
      taken: new Date().toISOString(),
      machine: before,
      workload: { series, windows, window_ms: windowMs, partitions },
      ours: measured(windows, cpu, (performance.now() - started) / 1_000, {
        us_per_window: round((cpu * 1e6) / windows),
        core_share_of_100_000: round((cpu / windows) * 100_000 * (1_000 / windowMs)),
        rss_bytes: full.residentBytes,
        live_bytes_per_series: Math.round((full.liveBytes - idle.liveBytes) / series),
      }),
    }
  },
}
