import type { Fault } from './fault.ts'

/** An orderly end; the last worker of a service is replaced before. */
export const removeWorker: Fault<'remove worker'> = {
  name: 'remove worker',
  target: 'worker',
  async inject({ crew, service, random, say }) {
    await crew.withWorker(service, random, async (worker) => {
      if (crew.count(service) === 1) {
        const next = await crew.hire(service)
        say(`${next.name} joins as pid ${next.pid}`)
      }
      say(`${worker.name}, pid ${worker.pid}: SIGTERM`)
      await crew.dismiss(worker)
    })
  },
}
