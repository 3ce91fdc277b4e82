import si from 'systeminformation'
import type { Collector } from '../collector.ts'

/** Space of each mounted file system, in bytes and percent. */
export const disk: Collector = {
  name: 'disk',
  everySeconds: 10,
  async collect() {
    const systems = await si.fsSize()
    return systems.map(({ mount, type, size, used, available, use }) => ({
      name: 'disk',
      tags: { path: mount, fstype: type },
      fields: {
        total: { integer: size },
        used: { integer: used },
        free: { integer: available },
        used_percent: use,
      },
    }))
  },
}
