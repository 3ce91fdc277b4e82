import { setTimeout as delay } from 'node:timers/promises'
import { between, type Fault } from './fault.ts'

/** Long enough that the worker has a batch that it can't write, and waits to try again. */
const untilStuckMs = 3_000

/**
 * InfluxDB is away, a sink that waits for it is frozen until another has taken over and written on, and is woken then:
 * what it had in hand is old by now, and must not reach the store.
 */
export const zombieWriter: Fault<'zombie writer'> = {
  name: 'zombie writer',
  target: 'influxdb',
  async inject({ crew, servers: { influxdb }, random, sessionTimeoutMs, say }) {
    const signal = random() < 0.5 ? 'SIGTERM' : 'SIGKILL'
    say(`InfluxDB ${await influxdb.down(signal)}`)
    await delay(untilStuckMs)
    await crew.withWorker('influx-sink', random, async (worker) => {
      worker.freeze()
      say(`${worker.name}, pid ${worker.pid}: SIGSTOP`)
      say(`InfluxDB ${await influxdb.up()}`)
      await delay(between(random, sessionTimeoutMs * 1.5, sessionTimeoutMs * 2))
      worker.thaw()
      say(`${worker.name}, pid ${worker.pid}: SIGCONT`)
    })
  },
}
