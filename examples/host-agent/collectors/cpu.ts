import si from 'systeminformation'
import type { Collector } from '../collector.ts'

/** Shares of CPU time since the last reading, in percent: all CPUs together, and each. */
export const cpu: Collector = {
  name: 'cpu',
  async collect() {
    const load = await si.currentLoad()
    const total = {
      name: 'cpu',
      tags: { cpu: 'cpu-total' },
      fields: {
        usage_user: load.currentLoadUser,
        usage_system: load.currentLoadSystem,
        usage_nice: load.currentLoadNice,
        usage_irq: load.currentLoadIrq,
        usage_steal: load.currentLoadSteal,
        usage_idle: load.currentLoadIdle,
      },
    }
    const each = load.cpus.map((one, i) => ({
      name: 'cpu',
      tags: { cpu: `cpu${i}` },
      fields: { usage_user: one.loadUser, usage_system: one.loadSystem, usage_idle: one.loadIdle },
    }))
    return [total, ...each]
  },
}
