import { type AddressInfo, connect, type Socket } from 'node:net'
import { createServer } from 'node:tls'
import type { Certificate } from './certificates.ts'

export interface TlsProxy {
  /** The server's address behind TLS. */
  readonly url: string
  close(): Promise<void>
}

/** Stands before a server that speaks plain HTTP, and speaks TLS for it. */
export async function tlsProxy(target: string, { certificate, key }: Certificate): Promise<TlsProxy> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  const server = createServer({ cert: certificate, key }, (inward) => {
    const outward = connect(Number(port), hostname)
    for (const socket of [inward, outward]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => sockets.delete(socket))
    }
    inward.pipe(outward).pipe(inward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(target)
  url.protocol = 'https:'
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: url.toString().replace(/\/$/, ''),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
