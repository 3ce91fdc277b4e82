import { setTimeout as delay } from 'node:timers/promises'
import { between, type Fault } from './fault.ts'

/** SIGSTOP for longer than the group waits, then SIGCONT: a zombie that believes it still owns its partitions. */
export const freezeWorker: Fault<'freeze worker'> = {
  name: 'freeze worker',
  target: 'worker',
  async inject({ crew, service, random, sessionTimeoutMs, say }) {
    await crew.withWorker(service, random, async (worker) => {
      const forMs = between(random, sessionTimeoutMs + 500, sessionTimeoutMs * 2)
      worker.freeze()
      say(`${worker.name}, pid ${worker.pid}: SIGSTOP for ${(forMs / 1_000).toFixed(1)} s`)
      await delay(forMs)
      worker.thaw()
      say(`${worker.name}, pid ${worker.pid}: SIGCONT`)
    })
  },
}
