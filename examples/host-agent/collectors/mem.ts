import si from 'systeminformation'
import type { Collector } from '../collector.ts'

const percent = (part: number, whole: number) => (whole > 0 ? (part / whole) * 100 : 0)

/** Memory and swap, in bytes and percent. */
export const mem: Collector = {
  name: 'mem',
  async collect() {
    const memory = await si.mem()
    const used = memory.total - memory.available
    return [
      {
        name: 'mem',
        tags: {},
        fields: {
          total: { integer: memory.total },
          used: { integer: used },
          available: { integer: memory.available },
          free: { integer: memory.free },
          buffered: { integer: memory.buffers },
          cached: { integer: memory.cached },
          used_percent: percent(used, memory.total),
        },
      },
      {
        name: 'swap',
        tags: {},
        fields: {
          total: { integer: memory.swaptotal },
          used: { integer: memory.swapused },
          free: { integer: memory.swapfree },
          used_percent: percent(memory.swapused, memory.swaptotal),
        },
      },
    ]
  },
}
