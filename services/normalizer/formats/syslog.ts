import { BadRecordError } from '../../../shared/errors.ts'
import type { LogEvent } from '../../../shared/logs/placed-log.ts'
import type { Events, Format, Reader, ReaderOptions } from '../format.ts'
import { type Payload, textOf } from '../payload.ts'
import { refusing } from '../record-events.ts'
import { levelOfSeverity } from './parts/level.ts'
import { firstLineOf, readLines } from './parts/lines.ts'
import { originOf } from './parts/origin.ts'
import { zoneOf } from './parts/zone.ts'
import type { SyslogContext } from './syslog/message.ts'
import { read3164, startsLike3164 } from './syslog/rfc3164.ts'
import { read5424 } from './syslog/rfc5424.ts'

/**
 * Syslog messages of RFC 5424 and RFC 3164, told apart message by message: one a line, or each with its length in
 * octets before it (RFC 6587). Lines of a file, which lack the priority, are read as well.
 */
export const syslog: Format = {
  name: 'syslog',
  contentTypes: ['application/syslog', 'text/syslog'],

  recognizes(payload) {
    const line = firstLineOf(payload)
    return /^(\d{1,9} )?<\d{1,3}>/.test(line) || startsLike3164(line)
  },

  createReader: (options) => new SyslogReader(options),
}

class SyslogReader implements Reader {
  readonly #context: Pick<SyslogContext, 'maxAttributes' | 'zone'>

  constructor({ maxAttributes, timeZone }: ReaderOptions) {
    this.#context = { maxAttributes, zone: zoneOf(timeZone) }
  }

  read(payload: Payload, events: Events): void {
    const context = { ...this.#context, origin: originOf(payload), near: events.defaultTime }
    const { bytes } = payload
    if (/^\d{1,9} </.test(bytes.toString('latin1', 0, 11))) {
      for (const [position, frame] of framesOf(bytes).entries())
        refusing(events, position, () => events.log(position, readMessage(textOf(frame()), context)))
    } else readLines(payload, events, (line, position) => events.log(position, readMessage(line, context)))
  }
}

/** Messages with their length before them, as bytes to be asked for: a length that is none ends the list. */
function framesOf(bytes: Buffer): readonly (() => Buffer)[] {
  const frames: (() => Buffer)[] = []
  for (let at = 0; at < bytes.length; ) {
    const [head, length] = /^(\d{1,9}) /.exec(bytes.toString('latin1', at, at + 10)) ?? []
    const from = at + (head?.length ?? 0)
    const to = from + Number(length)
    if (!head || to > bytes.length) {
      const problem = head
        ? `a message is said to have ${length} octets, and ${bytes.length - from} are there`
        : 'a message without its length in octets before it'
      frames.push(() => {
        throw new BadRecordError('unparseable', problem)
      })
      return frames
    }
    frames.push(() => bytes.subarray(from, to))
    // Some senders end each message with a line break all the same.
    for (at = to; bytes[at] === 0x0a || bytes[at] === 0x0d; ) at++
  }
  return frames
}

const facilities =
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock local0 local1 local2 local3 local4 local5 local6 local7'.split(
    ' ',
  )
const severities = 'emergency alert critical error warning notice informational debug'.split(' ')

/** Some end a message with NUL or a line break inside its frame; by hand, as a pattern would look at each run of them. */
function withoutEnd(message: string): string {
  let end = message.length
  while (end > 0 && (message[end - 1] === '\0' || message[end - 1] === '\n' || message[end - 1] === '\r'))
    end--
  return message.slice(0, end)
}

function readMessage(message: string, context: SyslogContext): LogEvent {
  const text = withoutEnd(message)
  const [head = '', digits] = /^<(0|[1-9]\d{0,2})>/.exec(text) ?? []
  const priority = digits === undefined ? undefined : Number(digits)
  if (priority === undefined ? !startsLike3164(text) : priority > 191)
    throw new BadRecordError('unparseable', 'the message does not begin with a priority from <0> to <191>')
  const { attributes, ...event } = /^[1-9]\d{0,2} /.test(text.slice(head.length))
    ? read5424(text, head.length, context)
    : read3164(text, head.length, context)
  if (priority !== undefined) {
    attributes.set('log.syslog.facility.name', facilities[priority >> 3]!)
    attributes.set('log.syslog.severity.name', severities[priority & 7]!)
  }
  return {
    ...event,
    level: priority === undefined ? 'unknown' : levelOfSeverity(priority & 7),
    traceId: null,
    spanId: null,
    attributes: attributes.fields(),
  }
}
