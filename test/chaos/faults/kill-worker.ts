import { setTimeout as delay } from 'node:timers/promises'
import { between, type Fault } from './fault.ts'

/** kill -9, and a new process in its place after a while. */
export const killWorker: Fault<'kill worker'> = {
  name: 'kill worker',
  target: 'worker',
  async inject({ crew, service, random, say }) {
    await crew.withWorker(service, random, async (worker) => {
      const { pid } = worker
      await worker.end('SIGKILL')
      say(`${worker.name}, pid ${pid}: kill -9`)
      await delay(between(random, 0, 3_000))
      await worker.start()
      say(`${worker.name} again as pid ${worker.pid}`)
    })
  },
}
