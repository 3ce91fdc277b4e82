import { setTimeout as delay } from 'node:timers/promises'
import { between, type Fault } from './fault.ts'

const minAwayMs = 1_000

/** The registry is away, and a worker is killed so that somebody needs it: what runs has its schemas already. */
export const cutRegistry: Fault<'cut registry'> = {
  name: 'cut registry',
  target: 'registry',
  async inject({ crew, servers: { registry }, service, random, maxOutageMs, say }) {
    const forMs = between(random, minAwayMs, maxOutageMs)
    say(`registry ${await registry.down('SIGKILL')} for ${(forMs / 1_000).toFixed(1)} s`)
    await crew.withWorker(service, random, async (worker) => {
      const { pid } = worker
      await worker.end('SIGKILL')
      await worker.start()
      say(`${worker.name}, pid ${pid}: kill -9, again as pid ${worker.pid}`)
    })
    await delay(forMs)
    say(`registry ${await registry.up()}`)
  },
}
