import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** Stands before a server and can be cut: the server is then away for whoever comes through here. */
export class ServerProxy {
  readonly #target: URL
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #port = 0
  #connections = 0

  private constructor(target: URL) {
    this.#target = target
  }

  static async before(url: string): Promise<ServerProxy> {
    const proxy = new ServerProxy(new URL(url))
    await proxy.open()
    return proxy
  }

  /** The server's address through this proxy. */
  get url(): string {
    const url = new URL(this.#target)
    url.hostname = '127.0.0.1'
    url.port = String(this.#port)
    return url.toString().replace(/\/$/, '')
  }

  /** How often somebody has connected here. */
  get connections(): number {
    return this.#connections
  }

  async open(): Promise<void> {
    this.#server = createServer((inward) => {
      this.#connections++
      const outward = connect(Number(this.#target.port), this.#target.hostname)
      for (const socket of [inward, outward]) {
        this.#sockets.add(socket)
        socket.on('error', () => socket.destroy())
        socket.on('close', () => this.#sockets.delete(socket))
      }
      inward.pipe(outward).pipe(inward)
    })
    await new Promise<void>((resolve) => this.#server!.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server!.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}
