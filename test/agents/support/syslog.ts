import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { eventually } from '../../support/pipeline.ts'

/** Writes lines to a syslog daemon on 127.0.0.1, as soon as it listens. */
export async function sendLines(port: number, lines: readonly string[]): Promise<void> {
  const socket = await eventually(
    () => tryConnect(port),
    (connected) => connected !== undefined,
  )
  if (!socket) throw new Error(`nothing listens on port ${port}`)
  socket.end(lines.map((line) => `${line}\n`).join(''))
  await once(socket, 'close')
}

function tryConnect(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.once('error', () => resolve(undefined))
  })
}

/** A time as programs write it in RFC 3164: in the machine's own zone, without a year. */
export const rfc3164 = (time: Date): string =>
  `${time.toDateString().slice(4, 7)} ${`${time.getDate()}`.padStart(2)} ${time.toTimeString().slice(0, 8)}`
