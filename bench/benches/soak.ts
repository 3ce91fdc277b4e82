import { setTimeout as delay } from 'node:timers/promises'
import type { Bench, BenchContext } from '../harness/bench.ts'
import { install } from '../harness/installation.ts'
import { readMemory } from '../harness/memory-probe.ts'
import { type MemorySample, memoryTrend, minuteByMinute } from '../harness/memory-trend.ts'
import { untilNormalized } from '../harness/normalized.ts'
import { machine, round } from '../harness/result.ts'
import { recordsIn } from '../harness/scrape.ts'
import { requireRunning, type ServiceProcess, startService, untilReady } from '../harness/service-process.ts'
import { topicSettings } from '../harness/settings.ts'
import { SteadyFlow } from '../harness/steady-flow.ts'
import { fields } from '../harness/workload.ts'

const partitions = 4
const sampleMs = 5_000
/** Of the time, before memory counts: every series has come, caches are full, code is compiled. */
const warmUpShare = 1 / 3

/**
 * Whether the normalizer's memory stays where it is: many series at a steady, modest rate for a long time. Resident memory
 * is sampled; what is really held is read, garbage collected, at the end of the warm-up and at the end.
 */
export const soak: Bench = {
  name: 'soak',
  does: 'the normalizer’s memory over 30 minutes with 100,000 series',
  servers: ['kafka', 'registry'],

  async run(context) {
    const before = machine()
    const { minutes = 30, series = 100_000, rate = 20_000 } = context.options
    const installation = await install(context, topicSettings(partitions))
    const normalizer = await startService(context, installation, 'normalizer', ['--inspect=127.0.0.1:0'])
    await untilReady(context, normalizer)
    const startCpuSeconds = normalizer.cpuSeconds()
    const hosts = Math.round(series / fields.length)
    const flow = await SteadyFlow.start(installation, {
      hosts,
      pointsPerSecond: rate,
      onTick: () => undefined,
    })
    context.atEnd(() => flow.stop())
    context.report(
      `${rate.toLocaleString('en')} points a second of ${series.toLocaleString('en')} series for ${minutes} minutes`,
    )
    const warmUp = minutes * warmUpShare
    const started = performance.now()
    const early = await sample(context, normalizer, started, warmUp)
    const warm = await readMemory(normalizer)
    const late = await sample(context, normalizer, started, minutes)
    const end = await readMemory(normalizer)
    await flow.stop()
    await untilNormalized(context, installation, () => requireRunning(normalizer))
    const samples = [...early, ...late]
    return {
      bench: 'soak',
      taken: new Date().toISOString(),
      machine: before,
      workload: { minutes, warm_up_minutes: round(warmUp), series, points_per_s: rate, partitions },
      points: flow.messages * fields.length,
      // More than there are messages where a rebalance made it read some again.
      records_read: await recordsIn(normalizer),
      cpu_s: round(normalizer.cpuSeconds() - startCpuSeconds),
      ...memoryTrend(samples, warmUp),
      live_bytes_after_warm_up: warm.liveBytes,
      live_bytes_at_end: end.liveBytes,
      rows: minuteByMinute(samples),
    }
  },
}

/** Until so many minutes after the start. */
async function sample(
  { signal }: BenchContext,
  process_: ServiceProcess,
  started: number,
  untilMinute: number,
): Promise<readonly MemorySample[]> {
  const samples: MemorySample[] = []
  for (;;) {
    const minutes = (performance.now() - started) / 60_000
    if (minutes >= untilMinute) return samples
    requireRunning(process_)
    samples.push({ minutes, bytes: process_.residentBytes() })
    await delay(sampleMs, undefined, { signal })
  }
}
