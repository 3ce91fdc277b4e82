import { cpus, loadavg, uptime } from 'node:os'
import si from 'systeminformation'
import type { Collector } from '../collector.ts'
import { numberAfter, procWords } from './proc.ts'

/** Load, context switches, interrupts and processes. */
export const system: Collector = {
  name: 'system',
  async collect() {
    const [load1 = 0, load5 = 0, load15 = 0] = loadavg()
    const load = {
      name: 'system',
      tags: {},
      fields: {
        load1,
        load5,
        load15,
        n_cpus: { integer: cpus().length },
        uptime: { integer: Math.floor(uptime()) },
      },
    }
    const stat = await procWords('stat')
    if (stat.length === 0) return [load, await countProcesses()]
    const counter = (name: string) =>
      numberAfter(
        stat.find(([first]) => first === name),
        name,
      )
    // "0.01 0.02 0.00 2/181 4242": runnable and all threads, and the newest process.
    const [running, total] = ((await procWords('loadavg'))[0]?.[3] ?? '').split('/').map(Number)
    return [
      load,
      {
        name: 'kernel',
        tags: {},
        fields: {
          context_switches: counter('ctxt'),
          interrupts: counter('intr'),
          processes_forked: counter('processes'),
        },
      },
      {
        name: 'processes',
        tags: {},
        fields: {
          running: counter('procs_running'),
          blocked: counter('procs_blocked'),
          total_threads: total === undefined ? undefined : { integer: total },
          runnable_threads: running === undefined ? undefined : { integer: running },
        },
      },
    ]
  },
}

async function countProcesses() {
  const { all, running, blocked, sleeping } = await si.processes()
  return {
    name: 'processes',
    tags: {},
    fields: {
      total: { integer: all },
      running: { integer: running },
      blocked: { integer: blocked },
      sleeping: { integer: sleeping },
    },
  }
}
