import si from 'systeminformation'
import type { Collector } from '../collector.ts'

/** Operations and bytes of all disks: since boot, and a second since the last reading. */
export const diskio: Collector = {
  name: 'diskio',
  async collect() {
    const [operations, bytes] = [await si.disksIO(), await si.fsStats()]
    return [
      {
        name: 'diskio',
        tags: { name: 'all' },
        fields: {
          reads: operations && { integer: operations.rIO },
          writes: operations && { integer: operations.wIO },
          reads_per_second: operations?.rIO_sec,
          writes_per_second: operations?.wIO_sec,
          read_bytes: bytes && { integer: bytes.rx },
          write_bytes: bytes && { integer: bytes.wx },
          read_bytes_per_second: bytes?.rx_sec,
          write_bytes_per_second: bytes?.wx_sec,
        },
      },
    ]
  },
}
