import si from 'systeminformation'
import type { Collector } from '../collector.ts'
import { numberAfter, procWords } from './proc.ts'

/** Connections, and segments that had to be sent again. */
export const netstat: Collector = {
  name: 'netstat',
  everySeconds: 4,
  async collect() {
    const sockets = await procWords('net/sockstat')
    const tcp = sockets.find(([name]) => name === 'TCP:')
    if (!tcp) return await countConnections()
    const [names, values] = (await procWords('net/snmp')).filter(([name]) => name === 'Tcp:')
    const counter = (name: string) => {
      const at = names?.indexOf(name) ?? -1
      return at > 0 ? { integer: Number(values![at]) } : undefined
    }
    return [
      {
        name: 'netstat',
        tags: {},
        fields: {
          tcp_established: counter('CurrEstab'),
          tcp_inuse: numberAfter(tcp, 'inuse'),
          tcp_time_wait: numberAfter(tcp, 'tw'),
          tcp_orphaned: numberAfter(tcp, 'orphan'),
          udp_socket: numberAfter(
            sockets.find(([name]) => name === 'UDP:'),
            'inuse',
          ),
          tcp_retransmitted: counter('RetransSegs'),
          tcp_segments_sent: counter('OutSegs'),
          tcp_resets_sent: counter('OutRsts'),
          tcp_failed_attempts: counter('AttemptFails'),
        },
      },
    ]
  },
}

/** Where there is no /proc: the list of all connections, which takes another program. */
async function countConnections() {
  const connections = await si.networkConnections()
  const count = (state: string) => ({ integer: connections.filter((one) => one.state === state).length })
  return [
    {
      name: 'netstat',
      tags: {},
      fields: {
        tcp_established: count('ESTABLISHED'),
        tcp_time_wait: count('TIME_WAIT'),
        tcp_listen: count('LISTEN'),
      },
    },
  ]
}
