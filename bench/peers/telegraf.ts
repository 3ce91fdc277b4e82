import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchContext } from '../harness/bench.ts'
import { type MeasuredProcess, measureProcess, openLog } from '../harness/service-process.ts'

/** From which topic to which, and how the messages of both are read and written. */
interface TelegrafOrder {
  readonly brokers: readonly string[]
  readonly input: string
  readonly output: string
  readonly groupId: string
  readonly format: TelegrafFormat
}

export type TelegrafFormat = 'influx' | 'json'

/**
 * How it is tuned, beyond Telegraf's defaults: it may have a tenth of a million metrics under way, for which it waits by
 * default after each thousand, and writes ten thousand at a time; zstd and all replicas' word, as ours. Against Kafka 4
 * its version of the protocol must be said.
 */
export const telegrafSettings = {
  agent: `
  metric_batch_size = 10000
  metric_buffer_limit = 200000
  flush_interval = "1s"
  omit_hostname = true`,
  input: `
  version = "3.6.0"
  offset = "oldest"
  max_undelivered_messages = 100000`,
  output: `
  version = "3.6.0"
  compression_codec = 4
  required_acks = -1
  routing_tag = "host"`,
  json: `
  json_name_key = "name"
  json_time_key = "timestamp"
  json_time_format = "unix"
  tag_keys = ["tags_*"]`,
} as const

/** A configuration that carries one topic over to another. */
function telegrafConfig({ brokers, input, output, groupId, format }: TelegrafOrder): string {
  const list = JSON.stringify(brokers)
  return `[agent]${telegrafSettings.agent}

[[inputs.kafka_consumer]]
  brokers = ${list}
  topics = [${JSON.stringify(input)}]
  consumer_group = ${JSON.stringify(groupId)}${telegrafSettings.input}
  data_format = "${format}"${format === 'json' ? telegrafSettings.json : ''}

[[outputs.kafka]]
  brokers = ${list}
  topic = ${JSON.stringify(output)}${telegrafSettings.output}
  data_format = "${format}"
`
}

/** Starts it. Its configuration goes when the benchmark ends. */
export async function startTelegraf(
  context: BenchContext,
  program: string,
  order: TelegrafOrder,
): Promise<MeasuredProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-telegraf-'))
  context.atEnd(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'telegraf.conf')
  await writeFile(path, telegrafConfig(order))
  const { file, descriptor } = openLog('telegraf')
  const child = spawn(program, ['--config', path], {
    stdio: ['ignore', descriptor, descriptor],
    detached: true,
  })
  return measureProcess(context, child, file)
}
