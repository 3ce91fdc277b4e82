import { BadRecordError } from '../../../../shared/errors.ts'
import { Attributes } from '../parts/attributes.ts'
import { endOfQuoted } from '../parts/quoted.ts'
import { timeFromIso } from '../parts/timestamp.ts'
import type { SyslogContext, SyslogMessage } from './message.ts'

/** What is unknown. */
const nil = '-'

/** Version, time, host, application, process and message id. */
const header = /(\d+) (\S+) (\S+) (\S+) (\S+) (\S+) /y

/** The rest of a message of RFC 5424, from its version on. Throws BadRecordError when it breaks the grammar. */
export function read5424(text: string, from: number, context: SyslogContext): SyslogMessage {
  header.lastIndex = from
  const head = header.exec(text)
  if (!head)
    throw new BadRecordError(
      'unparseable',
      'the header is not VERSION TIME HOST APP PROCESS MESSAGE-ID of RFC 5424',
    )
  const [all, version, time = nil, host = nil, app = nil, process = nil, messageId = nil] = head
  if (version !== '1') throw new BadRecordError('unparseable', `version ${version} of syslog is not known`)
  const attributes = new Attributes(context.maxAttributes)
  if (process !== nil) attributes.set('log.syslog.procid', process)
  if (messageId !== nil) attributes.set('log.syslog.msgid', messageId)
  const end = readStructuredData(text, from + all.length, attributes)
  if (end < text.length && text[end] !== ' ')
    throw new BadRecordError('unparseable', 'there is no blank behind the structured data')
  return {
    time: time === nil ? context.near : timeOf(time),
    // Some write a byte order mark, which the RFC asks for before UTF-8. Of a message of RFC 3164 that rsyslog has
    // rewritten, the space behind the tag's colon still stands in front of the text.
    message: text.slice(text[end + 1] === '\uFEFF' || text[end + 1] === ' ' ? end + 2 : end + 1),
    service: app === nil ? context.origin.service : app,
    host: host === nil ? context.origin.host : host,
    attributes,
  }
}

function timeOf(text: string): number {
  const time = text[10] === 'T' && /[Z\d]$/.test(text) && text.length > 19 ? timeFromIso(text) : Number.NaN
  if (Number.isNaN(time))
    throw new BadRecordError('invalid_timestamp', `“${text.slice(0, 40)}” is no time of RFC 3339`)
  return time
}

const id = /\[([^\s="\]]+)/y
const parameter = / +([^\s="\]]+)="/y

/** `[id name="value" …][…]` or `-` to attributes; returns where it ends. */
function readStructuredData(text: string, from: number, attributes: Attributes): number {
  if (text[from] === '-') return from + 1
  let at = from
  for (; text[at] === '['; at++) {
    id.lastIndex = at
    const name = id.exec(text)
    if (!name) break
    at += name[0].length
    const prefix = `log.syslog.structured_data.${name[1]}`
    const first = at
    for (;;) {
      parameter.lastIndex = at
      const found = parameter.exec(text)
      if (!found) break
      const from = at + found[0].length
      at = endOfQuoted(text, from - 1)
      if (at < 0) throw new BadRecordError('unparseable', `the quote at character ${from} does not end`)
      attributes.append(`${prefix}.${found[1]}`, unescaped(text.slice(from, at - 1)))
    }
    if (at === first) attributes.set(prefix, '')
    if (text[at] !== ']') break
  }
  if (at === from || text[at - 1] !== ']')
    throw new BadRecordError('unparseable', `structured data that is none, at character ${at + 1}`)
  return at
}

const unescaped = (value: string) => (value.includes('\\') ? value.replace(/\\(["\\\]])/g, '$1') : value)
