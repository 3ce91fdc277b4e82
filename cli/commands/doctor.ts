import { Command } from 'commander'
import { connectRegistry } from '../../shared/avro/registry.ts'
import { connectElasticsearch } from '../../shared/elasticsearch/client.ts'
import { connectInflux } from '../../shared/influx/client.ts'
import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { createLogger } from '../../shared/observability/logger.ts'
import { topicsOf } from '../../shared/stream/topic.ts'
import { topicSettings } from '../../shared/stream/topic-settings.ts'
import { type Config, loadAll } from '../sections.ts'

/** A finding: what is, and for trouble what to do. */
interface Finding {
  readonly sound: boolean
  readonly text: string
}

const good = (text: string): Finding => ({ sound: true, text })
const bad = (text: string): Finding => ({ sound: false, text })

/** `tidemark doctor`: looks at everything that the services need. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Check brokers, registry, stores, topics and clock, and say what to do.')
    .action(async () => {
      const config = loadAll()
      const groups = await Promise.all([
        examine('Kafka', () => examineKafka(config)),
        examine('Schema registry', () => examineRegistry(config)),
        examine('InfluxDB', () => examineInflux(config)),
        examine('Elasticsearch', () => examineElasticsearch(config)),
      ])
      const findings = groups.flat()
      for (const { sound, text } of findings) process.stdout.write(`${sound ? '✔' : '✖'} ${text}\n`)
      if (findings.some(({ sound }) => !sound)) process.exitCode = 1
    })
}

async function examine(name: string, look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look()
  } catch (error) {
    return [bad(`${name}: ${(error as Error).message}. Is it running there, and may this machine reach it?`)]
  }
}

/** A clock further off than this makes fresh events look late, or early. */
const maxClockSkewMs = 5_000

async function examineKafka({
  kafka,
  topics: topicsConfig,
  normalizer,
}: Config): Promise<readonly Finding[]> {
  const admin = await KafkaAdmin.open(kafka, createLogger('doctor', 'silent'))
  try {
    const { brokers } = await admin.cluster()
    const wanted = topicSettings(topicsConfig, kafka.topicPrefix, normalizer.inputTopics)
    const partitions = await admin.partitionCounts(wanted.map(({ name }) => name))
    const findings: Finding[] = [
      good(`Kafka: ${brokers} broker${brokers === 1 ? '' : 's'} behind ${kafka.brokers.join(', ')}`),
    ]
    const missing = wanted.filter(({ name }) => !partitions.has(name)).map(({ name }) => name)
    if (missing.length > 0)
      findings.push(bad(`Topics: ${missing.join(', ')} do not exist. Create them: tidemark topics create`))
    const { points, windows } = topicsOf(kafka.topicPrefix)
    if (partitions.get(points.name) !== partitions.get(windows.name)) {
      findings.push(
        bad(
          `Topics: ${points.name} and ${windows.name} have different numbers of partitions; a series then changes its worker between stages`,
        ),
      )
    }
    const settings: Finding[] = []
    for (const { name } of wanted.filter((topic) => partitions.has(topic.name))) {
      const actual = await admin.topicConfig(name)
      if (actual.get('message.timestamp.type') !== 'LogAppendTime') {
        settings.push(
          bad(
            `Topics: ${name} keeps its producers' timestamps, so retention may delete a backfill at once. Set message.timestamp.type=LogAppendTime on it`,
          ),
        )
      }
    }
    if (settings.length === 0 && missing.length === 0)
      settings.push(good(`Topics: all ${wanted.length} exist, with the broker's time`))
    return [...findings, ...settings]
  } finally {
    await admin.close()
  }
}

async function examineRegistry({ kafka, registry }: Config): Promise<readonly Finding[]> {
  const client = connectRegistry(registry)
  for (const topic of Object.values(topicsOf(kafka.topicPrefix)))
    await client.register(topic.name, topic.schema)
  return [good(`Schema registry: all schemas are registered and compatible at ${registry.url}`)]
}

async function examineInflux({ influx }: Config): Promise<readonly Finding[]> {
  const client = connectInflux(influx)
  await client.ping()
  await client.query(`from(bucket: ${JSON.stringify(influx.bucket)}) |> range(start: -1m) |> limit(n: 1)`)
  return [
    good(`InfluxDB: bucket ${influx.bucket} of ${influx.org} can be read at ${influx.url}`),
    examineClock('InfluxDB', await client.time()),
  ]
}

async function examineElasticsearch({ elasticsearch }: Config): Promise<readonly Finding[]> {
  const client = connectElasticsearch(elasticsearch)
  await client.ping()
  const { total } = await client.search(`${elasticsearch.indexPrefix}-logs-*`, { match_all: {} }, 0)
  return [good(`Elasticsearch: ${total.toLocaleString('en')} log events at ${elasticsearch.url}`)]
}

function examineClock(server: string, time: number | undefined): Finding {
  const skewMs = time === undefined ? 0 : time - Date.now()
  return Math.abs(skewMs) > maxClockSkewMs
    ? bad(
        `Clock: that of ${server} is ${(skewMs / 1_000).toFixed(0)} s from this machine's. Let both follow NTP`,
      )
    : good(`Clock: within ${maxClockSkewMs / 1_000} s of ${server}'s`)
}
