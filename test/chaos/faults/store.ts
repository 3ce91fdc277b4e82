import { setTimeout as delay } from 'node:timers/promises'
import { between, type Fault } from './fault.ts'

const minAwayMs = 1_000

export const stopInfluxdb: Fault<'stop InfluxDB'> = storeFault('stop InfluxDB', 'influxdb', 'InfluxDB')

export const stopElasticsearch: Fault<'stop Elasticsearch'> = storeFault(
  'stop Elasticsearch',
  'elasticsearch',
  'Elasticsearch',
)

/** A store is away, stopped in order or killed; its sink has to wait for it. */
function storeFault<Name extends string>(
  name: Name,
  target: 'influxdb' | 'elasticsearch',
  title: string,
): Fault<Name> {
  return {
    name,
    target,
    async inject({ servers: { [target]: store }, random, maxOutageMs, say }) {
      const signal = random() < 0.5 ? 'SIGTERM' : 'SIGKILL'
      const forMs = between(random, minAwayMs, maxOutageMs)
      say(`${title} ${await store.down(signal)}, away for ${(forMs / 1_000).toFixed(1)} s`)
      await delay(forMs)
      say(`${title} ${await store.up()}`)
    },
  }
}
