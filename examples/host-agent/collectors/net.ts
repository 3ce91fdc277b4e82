import si from 'systeminformation'
import type { Collector } from '../collector.ts'

/** Traffic, errors and losses of each network interface: since boot, and a second since the last reading. */
export const net: Collector = {
  name: 'net',
  async collect() {
    const interfaces = await si.networkStats('*')
    return interfaces.map((one) => ({
      name: 'net',
      tags: { interface: one.iface },
      fields: {
        bytes_recv: { integer: one.rx_bytes },
        bytes_sent: { integer: one.tx_bytes },
        drop_in: { integer: one.rx_dropped },
        drop_out: { integer: one.tx_dropped },
        err_in: { integer: one.rx_errors },
        err_out: { integer: one.tx_errors },
        bytes_recv_per_second: one.rx_sec,
        bytes_sent_per_second: one.tx_sec,
      },
    }))
  },
}
