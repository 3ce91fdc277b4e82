import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { installTelegraf } from '../../stack/agents/telegraf.ts'
import { find } from '../../stack/toolchains.ts'
import type { BenchContext } from '../harness/bench.ts'
import { type Installation, silent } from '../harness/installation.ts'
import type { Written } from '../harness/produce-telemetry.ts'
import { measureWork, type Spent, untilProcess } from '../harness/run-consumer.ts'
import { recordsIn } from '../harness/run-normalizer.ts'
import { startTelegraf, type TelegrafFormat } from './telegraf.ts'

/** Which of our formats it carries over, by its own name of them. */
const formats: Readonly<Record<string, TelegrafFormat>> = { influx: 'influx', 'telegraf-json': 'json' }

/**
 * Lets Telegraf carry what was written over to a topic of its own, measured from when it has joined its group: its code is
 * compiled before it starts, so it needs no warming up. Undefined for what it is not compared on, and, with a
 * word to the reader, where it can't be built. Throws Error when it writes more or fewer metrics than there were.
 */
export async function runTelegraf(
  context: BenchContext,
  { config, name, raw }: Installation,
  format: string,
  partitions: number,
  { messages }: Written,
): Promise<Spent | undefined> {
  const itsFormat = formats[format]
  if (!itsFormat) return undefined
  if (!(await find('go'))) {
    context.report('Telegraf is left out: building it takes Go, which this machine lacks')
    return undefined
  }
  const step = {
    update: (detail: string) => context.report(`Telegraf: ${detail}`),
    done: () => undefined,
    fail: () => undefined,
  }
  const program = await installTelegraf(step, context.signal)
  context.report(`running Telegraf on ${format}`)
  const output = `${name}.telegraf`
  const groupId = `${name}-telegraf`
  const admin = await KafkaAdmin.open(config.kafka, silent)
  context.atEnd(() => admin.close())
  await admin.createTopics([{ name: output, partitions, replicationFactor: 1, config: {} }])
  const { brokers } = config.kafka
  const order = { brokers, input: raw, output, groupId, format: itsFormat }
  const telegraf = await startTelegraf(context, program, order)
  const hasJoined = async () => (await admin.membersOf(groupId)) > 0
  const hasWritten = async () => (await recordsIn(admin, output)) >= messages
  await untilProcess(context, telegraf, hasJoined, 'Telegraf has not joined its group')
  const spent = await measureWork(telegraf, () =>
    untilProcess(context, telegraf, hasWritten, 'Telegraf has not written all metrics'),
  )
  await telegraf.stop()
  const written = await recordsIn(admin, output)
  if (written !== messages) throw new Error(`Telegraf wrote ${written} of ${messages} metrics.`)
  return spent
}
