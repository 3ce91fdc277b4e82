import type { Bench, BenchContext } from '../harness/bench.ts'
import { type Installation, install } from '../harness/installation.ts'
import { runLimit } from '../harness/limit-process.ts'
import { produceClosing, produceWorkload } from '../harness/produce.ts'
import { type Measured, machine, measured, ratios } from '../harness/result.ts'
import { runPipeline } from '../harness/run-pipeline.ts'
import { aggregatorSettings, topicSettings } from '../harness/settings.ts'
import { fields, Workload } from '../harness/workload.ts'
import type { LimitAnswer, LimitOrder } from '../limit/windows.ts'
import { peerSettings } from '../peers/kafka-streams.ts'
import { runKafkaStreams } from '../peers/run-kafka-streams.ts'

const partitions = 4
const windowMs = 10_000

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
    const workload = backlog(context, windowMs)
    const installation = await install(context, {
      ...aggregatorSettings(windowMs),
      ...topicSettings(partitions),
    })
    context.report(`writing ${workload.messages.toLocaleString('en')} messages`)
    await produceWorkload(context, installation, workload)
    let closed = false
    const close = async () => {
      if (!closed) await produceClosing(installation, workload, partitions)
      closed = true
    }

    const { only } = context.options
    const limit = only.includes('limit') ? await runBareLoop(context, installation, workload) : undefined
    const peer = only.includes('peer')
      ? await runKafkaStreams(context, installation, workload, partitions, close)
      : undefined
    await close()
    if (only.includes('ours')) context.report('running normalizer and aggregator')
    const ours = only.includes('ours')
      ? await runPipeline(context, installation, workload, { normalizer: 1, aggregator: 1 })
      : undefined
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
    }
  },
}

/** A million messages of 2,000 hosts, 100 in each window. Fewer messages are fewer windows of the same series. */
export function backlog({ options }: Pick<BenchContext, 'options'>, windowMs: number): Workload {
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
    messages: workload.messages,
    windowMs,
  } satisfies LimitOrder)
  if (answer.points !== workload.points || answer.windows !== workload.seriesWindows)
    throw new Error(`The limit came to ${answer.points} points in ${answer.windows} windows.`)
  return measured(workload.points, cpuSeconds, wallSeconds, { windows: answer.windows })
}
