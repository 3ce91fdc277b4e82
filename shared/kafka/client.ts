import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import type { Logger } from '../observability/logger.ts'
import { registerCodecs } from './compression.ts'
import type { KafkaConfig } from './config.ts'
import kafkajs, { type Kafka, type logCreator as LogCreator, type SASLOptions } from './kafkajs.ts'

registerCodecs()

/** A connection to the cluster, for the other files of this folder. It connects when it is first used. */
export type KafkaClient = Kafka

export function createKafkaClient(config: KafkaConfig, log: Logger): KafkaClient {
  return new kafkajs.Kafka({
    brokers: [...config.brokers],
    clientId: config.clientId,
    connectionTimeout: config.connectionTimeoutMs,
    requestTimeout: config.requestTimeoutMs,
    // Back-to-back transactions meet CONCURRENT_TRANSACTIONS for some milliseconds; kafkajs would wait 300 ms.
    retry: { initialRetryTime: 10, multiplier: 2, maxRetryTime: 1_000, retries: 8 },
    ...(config.tls.enabled && { ssl: tlsOptions(config.tls) }),
    ...(config.sasl.mechanism !== 'none' && { sasl: saslOptions(config.sasl) }),
    logLevel: kafkajs.logLevel.WARN,
    logCreator: logTo(log),
  })
}

function tlsOptions(tls: KafkaConfig['tls']): ConnectionOptions {
  const read = (file: string | undefined) => (file ? readFileSync(file) : undefined)
  return {
    ca: read(tls.caFile),
    cert: read(tls.certFile),
    key: read(tls.keyFile),
    servername: tls.serverName,
  }
}

function saslOptions({
  mechanism,
  username = '',
  password = '',
}: KafkaConfig['sasl']): SASLOptions | undefined {
  return mechanism === 'none' ? undefined : { mechanism, username, password }
}

/**
 * kafkajs' own log is about its retries, which the worker runtime reports in sentences when they matter: all of it is
 * debug here.
 */
const logTo =
  (log: Logger): LogCreator =>
  () =>
  ({ namespace, log: { message, ...details } }) => {
    const { timestamp: _, logger: __, stack: ___, ...context } = details as Record<string, unknown>
    log.debug({ kafka: namespace, ...context }, message)
  }
