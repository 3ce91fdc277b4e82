import { createKafkaClient } from '../../shared/kafka/client.ts'
import { type Bench, type BenchContext, until } from '../harness/bench.ts'
import { type Installation, install, silent } from '../harness/installation.ts'
import { runLimit } from '../harness/limit-process.ts'
import { closingHosts, produceWorkload } from '../harness/produce.ts'
import { readPeerWindows, readWindows } from '../harness/read-windows.ts'
import { type BenchResult, type Measured, machine, measured, ratios, round } from '../harness/result.ts'
import { requireRunning, startService, untilReady } from '../harness/service-process.ts'
import { aggregatorSettings, topicSettings } from '../harness/settings.ts'
import { type TallyReport, WindowTally } from '../harness/window-tally.ts'
import { fields, Workload } from '../harness/workload.ts'
import type { LimitAnswer, LimitOrder } from '../limit/windows.ts'
import { buildKafkaStreamsPeer, peerSettings, startKafkaStreamsPeer } from '../peers/kafka-streams.ts'

const partitions = 4
const windowMs = 10_000
const timeoutMs = 600_000

/** Of a series' own percentile: what both sketches promise. */
const maxError = 0.01

/**
 * From raw line protocol to windows with percentiles, on a backlog: our normalizer and aggregator as separate processes,
 * exactly once; beside them a Kafka Streams application that does the same, and the bare loop that is the limit.
 */
export const windows: Bench = {
  name: 'windows',
  does: 'raw line protocol → 10 s windows with percentiles, beside Kafka Streams and the limit',
  servers: ['kafka', 'registry'],

  async run(context) {
    const before = machine()
    const workload = backlog(context)
    const installation = await install(context, {
      ...aggregatorSettings(windowMs),
      ...topicSettings(partitions),
    })
    context.report(`writing ${workload.messages.toLocaleString('en')} messages`)
    await produceWorkload(context, installation, workload, partitions)

    const { only } = context.options
    const limit = only.includes('limit') ? await runBareLoop(context, installation, workload) : undefined
    const ours = only.includes('ours') ? await runOurs(context, installation, workload) : undefined
    const peer = only.includes('peer') ? await runPeer(context, installation, workload) : undefined
    const measuredSides = { ...(ours && { ours }), ...(peer && { peer }), ...(limit && { limit }) }
    return {
      bench: 'windows',
      taken: new Date().toISOString(),
      machine: before,
      workload: {
        messages: workload.messages,
        fields: fields.length,
        points: workload.points,
        series: workload.series,
        windows: workload.size.windows,
        samples_per_window: workload.size.samples,
        partitions,
        ...(peer && { peer_settings: peerSettings }),
      },
      ...measuredSides,
      ...ratios(measuredSides),
    } satisfies BenchResult
  },
}

/** A million messages of 2,000 hosts, 100 in each window. Fewer messages are fewer windows of the same series. */
export function backlog({ options }: Pick<BenchContext, 'options'>): Workload {
  const { messages = 1_000_000, series = 10_000, samples = 100 } = options
  const hosts = Math.max(1, Math.round(series / fields.length))
  const count = Math.max(1, Math.round(messages / (hosts * samples)))
  const endMs = Math.floor((Date.now() - 120_000) / windowMs) * windowMs
  return new Workload({ hosts, samples, windows: count, windowMs, startMs: endMs - count * windowMs })
}

async function runBareLoop(
  context: BenchContext,
  installation: Installation,
  workload: Workload,
): Promise<Measured> {
  context.report('running the limit: a bare loop of fetch, parse and sketch')
  const { answer, cpuSeconds, wallSeconds } = await runLimit<LimitAnswer>(context, installation, 'windows', {
    topic: installation.raw,
    groupId: `${installation.name}-limit`,
    messages: workload.messages + partitions * closingHosts,
    windowMs,
  } satisfies LimitOrder)
  return measured(workload.points, cpuSeconds, wallSeconds, { windows: answer.windows })
}

async function runOurs(
  context: BenchContext,
  installation: Installation,
  workload: Workload,
): Promise<Measured> {
  context.report('running normalizer and aggregator')
  const tally = new WindowTally(workload)
  await readWindows(context, installation, (window) => tally.add(window))
  const started = performance.now()
  const services = await Promise.all([
    startService(context, installation, 'normalizer'),
    startService(context, installation, 'aggregator'),
  ])
  await Promise.all(services.map((service) => untilReady(context, service)))
  const startCpuSeconds = services.reduce((sum, service) => sum + service.cpuSeconds(), 0)
  await until(
    () => {
      services.forEach(requireRunning)
      return tally.complete
    },
    context,
    timeoutMs,
    () => `${tally.right} of ${workload.seriesWindows} windows have come with all their points`,
  )
  const [normalizer, aggregator] = services.map((service) => service.cpuSeconds()) as [number, number]
  const wallSeconds = (performance.now() - started) / 1_000
  const rss = services.map((service) => service.residentBytes())
  await Promise.all(services.map((service) => service.stop()))
  const report = tally.report()
  requireRight('Tidemark', report, workload)
  return measured(workload.points, normalizer + aggregator, wallSeconds, {
    normalizer_cpu_s: round(normalizer),
    aggregator_cpu_s: round(aggregator),
    // Of cpu_s: spent before both had joined their groups.
    start_cpu_s: round(startCpuSeconds),
    normalizer_rss_bytes: rss[0],
    aggregator_rss_bytes: rss[1],
    ...seen(report),
  })
}

async function runPeer(
  context: BenchContext,
  installation: Installation,
  workload: Workload,
): Promise<Measured | undefined> {
  const peer = await buildKafkaStreamsPeer(context)
  if (typeof peer === 'string') {
    context.report(`the Kafka Streams application is left out: ${peer}`)
    return undefined
  }
  context.report('running the Kafka Streams application')
  const output = `${installation.name}.peer-windows`
  const { kafka } = installation.config
  const admin = createKafkaClient(kafka, silent).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: output, numPartitions: partitions }], waitForLeaders: true })
  await admin.disconnect()
  const tally = new WindowTally(workload)
  let count = 0
  await readPeerWindows(context, installation, output, windowMs, (window) => {
    tally.add(window)
    count++
  })
  const started = performance.now()
  const running = await startKafkaStreamsPeer(context, peer, {
    brokers: kafka.brokers,
    applicationId: `${installation.name}-peer`,
    input: installation.raw,
    output,
  })
  // It emits a window once. What it took for late is lost, and told in the result.
  await until(
    () => {
      requireRunning(running)
      return count >= workload.seriesWindows && tally.report().windows === workload.seriesWindows
    },
    context,
    timeoutMs,
    () => `${count} of ${workload.seriesWindows} windows have come from the peer; see ${running.logFile}`,
  )
  const cpuSeconds = running.cpuSeconds()
  const wallSeconds = (performance.now() - started) / 1_000
  const rss = running.residentBytes()
  await running.stop('SIGKILL')
  return measured(workload.points, cpuSeconds, wallSeconds, { rss_bytes: rss, ...seen(tally.report()) })
}

/** Throws Error: speed of something wrong is no figure. */
function requireRight(name: string, report: TallyReport, workload: Workload): void {
  const { points, doubled, wrongCounts, p99Error } = report
  if (points !== workload.points || doubled > 0 || wrongCounts > 0 || p99Error > maxError)
    throw new Error(
      `${name} came to wrong windows: ${points} of ${workload.points} points, ${doubled} windows twice, ${wrongCounts} counts wrong, P99 off by up to ${(p99Error * 100).toFixed(2)} %.`,
    )
}

const seen = (report: TallyReport) => ({
  windows: report.windows,
  points_counted: report.points,
  revisions: report.revisions,
  doubled: report.doubled,
  p99_error: round(report.p99Error),
  p99_checked: report.p99Checked,
})
