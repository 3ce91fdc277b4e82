import type { Fault } from './fault.ts'

/** One more worker, which takes over partitions of the others; where there are many already, one of them leaves. */
export const addWorker: Fault<'add worker'> = {
  name: 'add worker',
  target: 'worker',
  async inject({ crew, service, random, mostWorkers, say }) {
    const added = await crew.hire(service)
    say(`${added.name} joins as pid ${added.pid}`)
    if (crew.count(service) <= mostWorkers) return
    await crew.withWorker(service, random, async (worker) => {
      say(`${worker.name}, pid ${worker.pid}: SIGTERM, one too many`)
      await crew.dismiss(worker)
    })
  },
}
