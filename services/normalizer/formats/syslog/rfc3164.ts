import { BadRecordError } from '../../../../shared/errors.ts'
import { Attributes } from '../parts/attributes.ts'
import { localTime, monthOf, timeFromIso, timeWithoutYear } from '../parts/timestamp.ts'
import type { SyslogContext, SyslogMessage } from './message.ts'

const months = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'
/** `Oct  1 22:14:15`, to which some add the year, or fractions of a second. */
const date = new RegExp(
  `(${months}) +(\\d{1,2}) (?:(\\d{4}) )?(\\d\\d):(\\d\\d):(\\d\\d)(?:[.,](\\d{1,9}))?:? `,
  'y',
)
/** As rsyslog writes times in its forwarding format. */
const isoDate = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?) /y
const host = /([^\s:[\]]+) +/y
const addressHost = /([\da-fA-F.:]+) +/y
/** `sshd[42]: `, `kernel: ` or `launchd[1] `. */
const tag = /([^\s:[\]]{1,128})(?:\[([^\]\s]{1,128})\]:?|:)(?: |$)/y

/** Whether a line without a priority begins as those of `/var/log/messages` do. */
export function startsLike3164(text: string): boolean {
  date.lastIndex = 0
  return date.test(text)
}

/**
 * The rest of a message of RFC 3164, behind its priority: `Oct 11 22:14:15 host tag[pid]: text`, of which anything may
 * be missing. Throws BadRecordError when its time is none.
 */
export function read3164(text: string, from: number, context: SyslogContext): SyslogMessage {
  const attributes = new Attributes(context.maxAttributes)
  const { near, origin } = context
  const { time, end } = readTime(text, from, context) ?? { time: near, end: from }
  // Without a time there is no header at all.
  const named = end > from ? readHost(text, end) : undefined
  const rest = named?.end ?? end
  const program = match(tag, text, rest)
  if (program?.[2]) attributes.set('log.syslog.procid', program[2])
  return {
    time,
    message: text.slice(rest + (program?.[0].length ?? 0)),
    service: program?.[1] || origin.service,
    host: named?.host ?? origin.host,
    attributes,
  }
}

function readTime(text: string, from: number, { near, zone }: SyslogContext) {
  const iso = match(isoDate, text, from)
  const found = iso ?? match(date, text, from)
  if (!found) return undefined
  const end = from + found[0].length
  const time = iso ? timeFromIso(iso[1]!, zone) : timeOf(found)
  if (Number.isNaN(time)) throw new BadRecordError('invalid_timestamp', `“${found[0].trim()}” is no time`)
  return { time, end }

  function timeOf([, month = '', day, year, hour, minute, second, fraction = '']: readonly (
    | string
    | undefined
  )[]) {
    const parts = [monthOf(month), Number(day), Number(hour), Number(minute), Number(second)] as const
    const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3))
    if (year === undefined) return timeWithoutYear(parts, near, zone) + milliseconds
    const local = localTime(Number(year), ...parts)
    return local - zone.offsetAt(local) + milliseconds
  }
}

/** Programs on the same machine leave the host out: then the tag comes first. */
function readHost(text: string, from: number) {
  const found = match(host, text, from) ?? match(addressHost, text, from)
  return found && !match(tag, text, from)?.[0] ? { host: found[1]!, end: from + found[0].length } : undefined
}

function match(pattern: RegExp, text: string, from: number): RegExpExecArray | undefined {
  pattern.lastIndex = from
  return pattern.exec(text) ?? undefined
}
