import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { loadConfig } from '../../shared/config/load.ts'
import { ConfigurationError, RetryableError } from '../../shared/errors.ts'
import { kafkaSection } from '../../shared/kafka/config.ts'
import { createProducer, type Producer } from '../../shared/kafka/producer.ts'
import { createLogger } from '../../shared/observability/logger.ts'
import { endWithParent } from '../../shared/stream/parent.ts'
import { HostAgent } from './agent.ts'
import { hostCollectors } from './collectors/registry.ts'
import {
  elasticsearch,
  influxSamples,
  processStats,
  prometheus,
  registrySamples,
} from './collectors/servers.ts'
import { LogShipper } from './log-shipper.ts'

const help = `Publishes telemetry of this machine to Kafka, as Telegraf and Filebeat would.

  --interval SECONDS     between two readings (2)
  --log NAME=PATH        a log file to follow, under the service's name; may be repeated
  --process NAME=PID     a process to watch; may be repeated
  --influx URL           watch this InfluxDB
  --elasticsearch URL    watch this Elasticsearch
  --registry URL         watch this Apicurio Registry
  --print                print instead of publishing, once

Kafka is configured as everywhere: kafka.brokers in tidemark.yaml or TIDEMARK_KAFKA_BROKERS.
`

const { values: options } = parseArgs({
  options: {
    interval: { type: 'string', default: '2' },
    log: { type: 'string', multiple: true, default: [] },
    process: { type: 'string', multiple: true, default: [] },
    influx: { type: 'string' },
    elasticsearch: { type: 'string' },
    registry: { type: 'string' },
    print: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (options.help) {
  process.stdout.write(help)
  process.exit()
}

const log = createLogger('host-agent')
const host = hostname()
const intervalMs = Number(options.interval) * 1_000
if (!(intervalMs >= 100))
  throw new ConfigurationError(
    `--interval must be a number of seconds, at least 0.1, not “${options.interval}”.`,
  )
const pairs = (texts: readonly string[]) =>
  texts.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)] as const)

endWithParent()
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort())

const kafka = loadConfig({ kafka: kafkaSection }).kafka
let producer: Producer | undefined

async function publish(kind: 'metrics' | 'logs', values: readonly string[]): Promise<void> {
  if (options.print) {
    process.stdout.write(`${values.join('\n')}\n`)
    return
  }
  producer ??= await createProducer(kafka, log)
  await producer.send(
    `${kafka.topicPrefix}.raw.${kind}`,
    values.map((value) => ({ key: host, value })),
  )
}

const agent = new HostAgent({
  host,
  log,
  publish,
  collectors: [
    ...hostCollectors,
    ...pairs(options.process).map(([name, pid]) => processStats(name, Number(pid))),
    ...(options.influx ? [prometheus('influxdb', `${options.influx}/metrics`, influxSamples)] : []),
    ...(options.elasticsearch ? [elasticsearch(options.elasticsearch)] : []),
    ...(options.registry
      ? [prometheus('registry', `${new URL(options.registry).origin}/metrics`, registrySamples)]
      : []),
  ],
  logs: pairs(options.log).map(([service, path]) => new LogShipper({ service, path, host })),
})

while (!stopping.signal.aborted) {
  try {
    await agent.round(new Date())
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error
    // As an agent without a buffer on disk does: what can't be sent now is lost to it.
    log.warn(`${error.message}; trying again`)
  }
  if (options.print) break
  await delay(intervalMs, undefined, { signal: stopping.signal }).catch(() => undefined)
}
await producer?.close()
process.exit()
