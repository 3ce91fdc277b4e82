import type { RunningServer } from '../../stack/index.ts'
import type { ServerProxy } from '../support/proxy.ts'

/** A server that can be taken away and brought back. Both say what was done. */
export interface Outage {
  down(signal: 'SIGTERM' | 'SIGKILL'): Promise<string>
  /** Resolves when it serves again. */
  up(): Promise<string>
}

/** The process itself is ended and started again. */
export const processOutage = (server: RunningServer): Outage => ({
  async down(signal) {
    const { pid } = server
    await server.stop(signal)
    return `pid ${pid} ended with ${signal}`
  },
  async up() {
    await server.start()
    return `started again as pid ${server.pid}`
  },
})

/** The server runs on, but nobody reaches it. */
export const proxyOutage = (proxy: ServerProxy): Outage => ({
  async down() {
    await proxy.cut()
    return `cut off at ${proxy.url}`
  },
  async up() {
    await proxy.open()
    return 'within reach again'
  },
})
