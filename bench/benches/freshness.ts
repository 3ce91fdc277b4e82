import { setTimeout as delay } from 'node:timers/promises'
import { connectInflux, type InfluxClient } from '../../shared/influx/client.ts'
import { seriesKey, seriesPartition } from '../../shared/series/series.ts'
import type { Bench } from '../harness/bench.ts'
import { createBucket } from '../harness/bucket.ts'
import { install } from '../harness/installation.ts'
import { watermarkTimes, windowTimes } from '../harness/log-times.ts'
import { machine, measured } from '../harness/result.ts'
import { requireRunning, startService, untilReady } from '../harness/service-process.ts'
import { aggregatorSettings, topicSettings } from '../harness/settings.ts'
import { SteadyFlow } from '../harness/steady-flow.ts'
import { exactQuantile, fields, hostName, metricOf } from '../harness/workload.ts'

const partitions = 4
const disorderMs = 1_000
const pollMs = 20

/** Windows that come before anything is counted: processes warm up. */
const warmUpWindows = 2

/** No window may be looked for longer than this. */
const timeoutMs = 60_000

/** Series looked for in each partition, from its first to its last: its windows are written in that order. */
const markersInPartition = 5

/**
 * How old a window is when it can be read, at a steady rate through normalizer, aggregator and influx-sink. The clock
 * starts when the watermark passes the window's end: with the append time of the record of points that moves it on. It
 * stops when a query that found the row has answered. Told beside it: when the windows stood in their topic, and the age
 * since the sending began of the telemetry that moved the watermark, whose event time is the end plus the allowed disorder.
 */
export const freshness: Bench = {
  name: 'freshness',
  does: 'from the watermark passing a window’s end to its row in InfluxDB, at 50,000 points a second',
  servers: ['kafka', 'registry', 'influxdb'],

  async run(context) {
    const before = machine()
    const { rate = 50_000, series = 10_000, windows = 20, windowMs = 10_000 } = context.options
    const hosts = Math.round(series / fields.length)
    const bucket = `bench-${process.pid}-${Date.now().toString(36)}`
    const installation = await install(context, {
      ...aggregatorSettings(windowMs, disorderMs),
      ...topicSettings(partitions),
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

    /** When the sending began of what moves the watermark past the end of each window, by its start. */
    const sent = new Map<number, number>()
    const started = performance.now()
    const flow = await SteadyFlow.start(installation, {
      hosts,
      pointsPerSecond: rate,
      onTick(eventTime, sendBegins) {
        const start = Math.floor((eventTime - disorderMs) / windowMs) * windowMs - windowMs
        if (!sent.has(start)) sent.set(start, sendBegins)
      },
    })
    context.atEnd(() => flow.stop())
    // The first windows to pass began before the flow did.
    const first = (Math.floor(Date.now() / windowMs) + 1 + warmUpWindows) * windowMs
    const starts = Array.from({ length: windows }, (_, i) => first + i * windowMs)
    context.report(
      `watching ${windows} windows of ${windowMs / 1_000} s at ${rate.toLocaleString('en')} points a second`,
    )
    const client = connectInflux(installation.config.influx)
    const markers = markersOf(hosts)
    const found: { readonly start: number; readonly partition: number; readonly readableAt: number }[] = []
    const missing = new Map(starts.map((start) => [start, new Set(markers)]))
    while (missing.size > 0) {
      await delay(pollMs, undefined, { signal: context.signal })
      services.forEach(requireRunning)
      const due = [...missing.keys()].filter((start) => sent.has(start))
      if (due.length === 0) continue
      for (const { start, marker } of await rowsOf(client, bucket, due, windowMs, markers)) {
        const wanted = missing.get(start)
        if (wanted?.delete(marker)) found.push({ start, partition: marker.partition, readableAt: Date.now() })
        if (wanted?.size === 0) missing.delete(start)
      }
      if (Date.now() - sent.get(due[0]!)! > timeoutMs)
        throw new Error(
          `The window of ${new Date(due[0]!).toISOString()} can't be read after ${timeoutMs / 1_000} s.`,
        )
    }
    const wallSeconds = (performance.now() - started) / 1_000
    const cpuSeconds = services.reduce((sum, service, i) => sum + service.cpuSeconds() - startCpu[i]!, 0)
    await flow.stop()
    context.report('reading the log for the times at which watermarks passed')
    const watermarks = await watermarkTimes(installation, starts, windowMs)
    const inTopic = await windowTimes(installation)
    const ages = found.map(({ start, partition, readableAt }) => readableAt - watermarks(partition, start)!)
    const toTopic = found.map(
      ({ start, partition }) => inTopic(partition, start)! - watermarks(partition, start)!,
    )
    const sinceSent = found.map(({ start, readableAt }) => readableAt - sent.get(start)!)
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
        rows_watched: ages.length,
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

interface Marker {
  readonly metric: string
  readonly host: string
  readonly partition: number
}

/** Series of each partition of the points topic, evenly spread. */
function markersOf(hosts: number): readonly Marker[] {
  const all: Marker[][] = Array.from({ length: partitions }, () => [])
  for (let host = 0; host < hosts; host++) {
    for (let field = 0; field < fields.length; field++) {
      const metric = metricOf(field)
      const key = seriesKey({ metric, tags: [{ key: 'host', value: hostName(host) }] })
      const partition = seriesPartition(key, partitions)
      all[partition]!.push({ metric, host: hostName(host), partition })
    }
  }
  return all.flatMap((series) => {
    const step = (series.length - 1) / (markersInPartition - 1)
    const places = Array.from({ length: markersInPartition }, (_, i) => Math.round(i * step))
    return [...new Set(places)].flatMap((place) => series[place] ?? [])
  })
}

/** Which markers have a row in which of these windows, ascending by start. */
async function rowsOf(
  client: InfluxClient,
  bucket: string,
  starts: readonly number[],
  windowMs: number,
  markers: readonly Marker[],
): Promise<readonly { readonly start: number; readonly marker: Marker }[]> {
  const iso = (time: number) => new Date(time).toISOString()
  const any = markers
    .map(({ metric, host }) => `(r._measurement == "${metric}" and r.host == "${host}")`)
    .join(' or ')
  const rows = await client.query(
    `from(bucket: "${bucket}") |> range(start: ${iso(starts[0]!)}, stop: ${iso(starts.at(-1)! + windowMs)})
      |> filter(fn: (r) => r._field == "count" and (${any}))`,
  )
  return rows.flatMap(({ _measurement, host, _time }) => {
    const marker = markers.find((one) => one.metric === _measurement && one.host === host)
    return marker ? [{ start: Date.parse(String(_time)), marker }] : []
  })
}
