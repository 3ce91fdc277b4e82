import { setTimeout as delay } from 'node:timers/promises'
import { between, type Fault } from './fault.ts'

const maxAwayMs = 5_000

/** The broker is stopped in order, and started again. */
export const restartBroker: Fault<'restart broker'> = brokerFault('restart broker', 'SIGTERM')

/** The broker is killed with its transactions open, and started again. */
export const killBroker: Fault<'kill broker'> = brokerFault('kill broker', 'SIGKILL')

function brokerFault<Name extends string>(name: Name, signal: 'SIGTERM' | 'SIGKILL'): Fault<Name> {
  return {
    name,
    target: 'kafka',
    async inject({ servers: { kafka }, random, maxOutageMs, say }) {
      say(`Kafka ${await kafka.down(signal)}`)
      await delay(between(random, 0, Math.min(maxAwayMs, maxOutageMs)))
      say(`Kafka ${await kafka.up()}`)
    },
  }
}
