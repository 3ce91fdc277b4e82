import { setTimeout as delay } from 'node:timers/promises'
import { aggregatorSection } from '../../services/aggregator/config.ts'
import { connectInflux } from '../../shared/influx/client.ts'
import type { Bench } from '../harness/bench.ts'
import { createBucket } from '../harness/bucket.ts'
import { install } from '../harness/installation.ts'
import { watermarkTimes, windowTimes } from '../harness/log-times.ts'
import { machine, measured } from '../harness/result.ts'
import { requireRunning, startService, untilReady } from '../harness/service-process.ts'
import { topicSettings } from '../harness/settings.ts'
import { SteadyFlow } from '../harness/steady-flow.ts'
import { markersOf, readable, rowsAt, type WatchedRow } from '../harness/watched-rows.ts'
import { exactQuantile, fields } from '../harness/workload.ts'

const partitions = 4
/** An age is too large by up to so much. Asking more often would take the time from InfluxDB that is measured. */
const pollMs = 40

/** Windows that come before anything is counted: processes warm up. */
const warmUpWindows = 2

/** No window may be looked for longer than this. */
const timeoutMs = 60_000

const { sizesMs: defaultSizesMs, disorderMs } = aggregatorSection.schema.parse({})

/**
 * How old a window is when it can be read, at a steady rate through normalizer, aggregator and influx-sink, all with
 * their defaults. The clock starts when the watermark passes the window's end: with the append time of the record of
 * points that moves it on. It stops when a query that found the row has answered. Told beside it: when the windows stood
 * in their topic, and the age since the sending began of the telemetry that moved the watermark, whose event time is the
 * end plus the allowed disorder.
 */
export const freshness: Bench = {
  name: 'freshness',
  does: 'from the watermark passing a window’s end to its row in InfluxDB, at 50,000 points a second',
  servers: ['kafka', 'registry', 'influxdb'],

  async run(context) {
    const before = machine()
    const { rate = 50_000, series = 10_000, windows = 20, windowMs = defaultSizesMs[0]! } = context.options
    const hosts = Math.round(series / fields.length)
    const bucket = `bench-${process.pid}-${Date.now().toString(36)}`
    const sizesMs = defaultSizesMs.map((sizeMs) => (sizeMs / defaultSizesMs[0]!) * windowMs)
    const installation = await install(context, {
      ...topicSettings(partitions),
      TIDEMARK_AGGREGATOR_SIZES_MS: sizesMs.join(),
      TIDEMARK_INFLUX_BUCKET: bucket,
    })
    context.atEnd(await createBucket(installation.config.influx))
    const services = await Promise.all(
      (['normalizer', 'aggregator', 'influx-sink'] as const).map((name) =>
        startService(context, installation, name),
      ),
    )
    await Promise.all(services.map((service) => untilReady(context, service)))
    const startCpu = services.map((service) => service.cpuSeconds())

    /** When the sending began of what moves the watermark past the end of each window. */
    const sent = new Map<number, number>()
    const started = performance.now()
    const flow = await SteadyFlow.start(installation, {
      hosts,
      pointsPerSecond: rate,
      onTick(eventTime, sendBegins) {
        const end = Math.floor((eventTime - disorderMs) / windowMs) * windowMs
        if (!sent.has(end)) sent.set(end, sendBegins)
      },
    })
    context.atEnd(() => flow.stop())
    // The first window to end began before the flow did.
    const first = (Math.floor(Date.now() / windowMs) + 2 + warmUpWindows) * windowMs
    const ends = Array.from({ length: windows }, (_, i) => first + i * windowMs)
    context.report(
      `watching ${windows} windows of ${windowMs / 1_000} s at ${rate.toLocaleString('en')} points a second`,
    )
    const client = connectInflux(installation.config.influx)
    const markers = markersOf(hosts, partitions)
    const missing = new Set(ends.flatMap((end) => rowsAt(end, sizesMs, markers)))
    const found: (WatchedRow & { readonly readableAt: number })[] = []
    while (missing.size > 0) {
      await delay(pollMs, undefined, { signal: context.signal })
      services.forEach(requireRunning)
      const due = new Set([...missing].filter(({ end }) => sent.has(end)))
      if (due.size === 0) continue
      for (const row of await readable(client, bucket, due)) {
        missing.delete(row)
        found.push({ ...row, readableAt: Date.now() })
      }
      const tooOld = [...due].find(({ end }) => Date.now() - sent.get(end)! > timeoutMs)
      if (tooOld)
        throw new Error(
          `The window that ended at ${new Date(tooOld.end).toISOString()} can't be read after ${timeoutMs / 1_000} s.`,
        )
    }
    const wallSeconds = (performance.now() - started) / 1_000
    const cpuSeconds = services.reduce((sum, service, i) => sum + service.cpuSeconds() - startCpu[i]!, 0)
    await flow.stop()
    context.report('reading the log for the times at which watermarks passed')
    const passed = await watermarkTimes(installation, ends)
    const inTopic = await windowTimes(installation)
    const ages = found.map(({ end, marker, readableAt }) => readableAt - passed(marker.partition, end)!)
    const toTopic = found.map(
      ({ end, marker: { partition } }) => inTopic(partition, end)! - passed(partition, end)!,
    )
    const sinceSent = found.map(({ end, readableAt }) => readableAt - sent.get(end)!)
    return {
      bench: 'freshness',
      taken: new Date().toISOString(),
      machine: before,
      workload: {
        points_per_s: rate,
        series: hosts * fields.length,
        windows,
        window_ms: windowMs,
        disorder_ms: disorderMs,
        partitions,
      },
      ours: measured(flow.messages * fields.length, cpuSeconds, wallSeconds, {
        rows_watched: found.length,
        p50_ms: quantile(ages, 0.5),
        p90_ms: quantile(ages, 0.9),
        p99_ms: quantile(ages, 0.99),
        max_ms: Math.max(...ages),
        in_topic_p50_ms: quantile(toTopic, 0.5),
        in_topic_p99_ms: quantile(toTopic, 0.99),
        since_sent_p50_ms: quantile(sinceSent, 0.5),
        since_sent_p99_ms: quantile(sinceSent, 0.99),
        worst_send_delay_ms: flow.worstDelayMs,
      }),
    }
  },
}

const quantile = (ages: readonly number[], q: number) => exactQuantile(Float64Array.from(ages), q)
