import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { eventually } from '../../support/pipeline.ts'
import type { Received } from './received.ts'

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
const rfc3164 = (time: Date): string =>
  `${time.toDateString().slice(4, 7)} ${`${time.getDate()}`.padStart(2)} ${time.toTimeString().slice(0, 8)}`

/** What a host sends of both kinds: the first of RFC 5424, the second of RFC 3164. */
export const messagesOf = (host: string, time: Date): readonly [string, string] => [
  `<165>1 ${time.toISOString()} ${host} shop 4711 ID47 [order@32473 id="7" note="say \\"hi\\" \\]"] order 7 placed, größer`,
  `<11>${rfc3164(time)} ${host} cron[77]: job failed with status 3`,
]

/** The tests that these messages come out right, whichever agent passes them on. */
export function itPassesOn(host: string, time: Date, from: () => Received): void {
  const events = () => from().logs.filter((event) => event.host === host)

  it('passes on a message of RFC 5424 with its structured data', async () => {
    await from().until(events, 2)
    expect(events().find(({ service }) => service === 'shop')).toMatchObject({
      time: time.getTime(),
      level: 'info',
      message: 'order 7 placed, größer',
      attributes: {
        'log.syslog.procid': '4711',
        'log.syslog.msgid': 'ID47',
        'log.syslog.structured_data.order@32473.id': '7',
        'log.syslog.structured_data.order@32473.note': 'say "hi" ]',
      },
    })
  })

  it('passes on a message of RFC 3164, with a year and an offset', async () => {
    await from().until(events, 2)
    expect(events().find(({ service }) => service === 'cron')).toMatchObject({
      time: Math.floor(time.getTime() / 1_000) * 1_000,
      level: 'error',
      message: 'job failed with status 3',
      attributes: { 'log.syslog.procid': '77' },
    })
  })

  it('sends nothing that is refused', async () => {
    expect(await from().refused()).toEqual([])
  })
}
