import type { LogLevel } from '../../../../shared/avro/types.ts'
import type { EventTime } from '../../../../shared/stream/task.ts'
import { levelOf } from '../parts/level.ts'
import { localTime, monthOf, timeFromIso, timeWithoutYear } from '../parts/timestamp.ts'
import type { Zone } from '../parts/zone.ts'

/** What the beginning of a line of text says. */
export interface TextHead {
  /** NaN when it tells none. */
  readonly time: EventTime
  readonly level: LogLevel
  /** Where the message begins. */
  readonly end: number
}

interface Context {
  readonly zone: Zone
  /** When the broker took the line. */
  readonly near: EventTime
}

const clock = '(\\d\\d):(\\d\\d):(\\d\\d)(?:[.,](\\d{1,9}))?'

type TimePattern = readonly [RegExp, (parts: RegExpExecArray, context: Context) => EventTime]

/** Times as loggers write them at the beginning of a line; each with how it is read. */
const [iso, spark, apache, redis, clockAlone]: readonly TimePattern[] = [
  // ISO 8601 and its kin: logback, log4j, Python, Go, Kafka, nginx, MySQL, PostgreSQL.
  [
    /\[?(\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?)(?=[\]\s,|]|$)\]?/y,
    ([, text = ''], { zone }) => timeFromIso(text, zone),
  ],
  // Spark and Hadoop: 17/06/09 20:10:40.
  [
    new RegExp(`(\\d\\d)/(\\d\\d)/(\\d\\d) ${clock}(?=\\s)`, 'y'),
    ([, year, month, day, ...rest], { zone }) => timeOf(2000 + Number(year), Number(month), day, rest, zone),
  ],
  // Apache's error log: [Sun Dec 04 04:47:44.123456 2005].
  [
    new RegExp(`\\[[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\\d\\d) ${clock} (\\d{4})\\]`, 'y'),
    ([, month = '', day, hour, minute, second, fraction, year], { zone }) =>
      timeOf(Number(year), monthOf(month), day, [hour, minute, second, fraction], zone),
  ],
  // Redis: 1:M 14 Nov 2023 22:13:20.123.
  [
    new RegExp(`(?:\\d+:[A-Z] )?(\\d\\d) ([A-Z][a-z]{2}) (\\d{4}) ${clock}(?=\\s)`, 'y'),
    ([, day, month = '', year, ...rest], { zone }) => timeOf(Number(year), monthOf(month), day, rest, zone),
  ],
  // logback as it comes, without a date: 22:13:20.123 [main] INFO.
  [
    new RegExp(`${clock}(?= \\[)`, 'y'),
    ([, ...time], { zone, near }) => {
      const day = new Date(near + zone.offsetAt(near))
      const date = [day.getUTCFullYear(), day.getUTCMonth() + 1, String(day.getUTCDate())] as const
      const sameDay = timeOf(...date, time, zone)
      // The day before or after, when midnight was between the writing and the broker's taking it.
      return sameDay - dayMs * Math.round((sameDay - near) / dayMs)
    },
  ],
]

const dayMs = 86_400_000

function timeOf(
  year: number,
  month: number,
  day: string | undefined,
  [hour, minute, second, fraction = '']: readonly (string | undefined)[],
  zone: Zone,
): EventTime {
  const local = localTime(year, month, Number(day), Number(hour), Number(minute), Number(second))
  return local - zone.offsetAt(local) + Number(fraction.padEnd(3, '0').slice(0, 3))
}

/** Of Kubernetes' own components: I1114 22:13:20.123456   1234 file.go:56] */
const klog = new RegExp(`([IWEF])(\\d\\d)(\\d\\d) ${clock}(?=\\s)`, 'y')
const klogLevels: Readonly<Record<string, LogLevel>> = { I: 'info', W: 'warn', E: 'error', F: 'fatal' }

const word =
  'TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|SEVERE|CRITICAL|CRIT|FATAL|PANIC|ALERT|EMERG|FINE|FINER|FINEST|LOG'
const bracketed = word.toLowerCase().split('|').concat('Note', 'Warning', 'Error', 'System').join('|')
/** A level between marks, which belongs to the head when nothing but marks is before it. */
const level = new RegExp(
  `[\\s\\-|:,]*(?:\\b(${word})\\b|\\[(${bracketed}|${word})\\s*\\])[\\s\\-|:\\]]*`,
  'y',
)
const laterLevel = new RegExp(`(?<![\\w./-])(?:(${word})(?![\\w./-])|\\[(${bracketed})\\])`)
/** Without a time before it, a word must look more like a level: INFO:root:…, [ERROR] …, WARN  …. */
const levelFirst = new RegExp(
  `(?:(${word})(?=[:\\s|\\]])|\\[\\s*(${bracketed}|${word})\\s*\\])[\\s\\-|:]*`,
  'y',
)
const marks = /[\s\-|:,]*/y

/** A level that comes later, such as behind the name of a thread, comes within so many characters. */
const maxLevelDistance = 80

/** Undefined when the line does not begin as those of a logger do. */
export function textHead(line: string, context: Context): TextHead | undefined {
  const first = line.charCodeAt(0)
  if (isDigit(first)) return timedHead(line, context)
  if (line[0] === '[') return timedHead(line, context) ?? levelHead(line, context)
  if (!isCapital(first)) return undefined
  const second = line.charCodeAt(1)
  if (isDigit(second)) return klogHead(line, context)
  return isCapital(second) ? levelHead(line, context) : undefined
}

/** The pattern that may do, by what tells the times apart. */
function timePattern(line: string, from: number): TimePattern | undefined {
  const isBracketed = line[from] === '['
  const at = isBracketed ? from + 1 : from
  const fifth = line[at + 4]
  if (fifth === '-' || fifth === '/') return iso
  if (isBracketed) return apache
  if (line[at + 2] === '/') return spark
  return line[at + 2] === ':' && isDigit(line.charCodeAt(at + 3)) ? clockAlone : redis
}

const isCapital = (code: number) => code >= 0x41 && code <= 0x5a
const isDigit = (code: number) => code >= 0x30 && code <= 0x39

function timedHead(line: string, context: Context, from = 0): TextHead | undefined {
  const [pattern, read] = timePattern(line, from) ?? []
  const found = pattern && match(pattern, line, from)
  const time = found && read!(found, context)
  if (found && !Number.isNaN(time)) {
    const end = from + found[0].length
    const next = match(level, line, end)
    if (next?.[0] && (next[1] ?? next[2]))
      return { time: time!, level: levelIn(next[1] ?? next[2]), end: end + next[0].length }
    const later = laterLevel.exec(line.slice(end, end + maxLevelDistance))
    return {
      time: time!,
      level: levelIn(later?.[1] ?? later?.[2]),
      end: end + match(marks, line, end)![0].length,
    }
  }
  return undefined
}

function klogHead(line: string, { zone, near }: Context): TextHead | undefined {
  const found = match(klog, line, 0)
  if (!found) return undefined
  const [all, letter = '', month, day, hour, minute, second, fraction = ''] = found
  const parts = [Number(month), Number(day), Number(hour), Number(minute), Number(second)] as const
  const time = timeWithoutYear(parts, near, zone) + Number(fraction.padEnd(3, '0').slice(0, 3))
  return { time, level: klogLevels[letter]!, end: all.length + match(marks, line, all.length)![0].length }
}

function levelHead(line: string, context: Context): TextHead | undefined {
  const found = match(levelFirst, line, 0)
  if (!found) return undefined
  const end = found[0].length
  const timed = timedHead(line, context, end)
  return { time: timed?.time ?? Number.NaN, level: levelIn(found[1] ?? found[2]), end: timed?.end ?? end }
}

const levelIn = (text: string | undefined): LogLevel => (text === 'System' ? 'info' : levelOf(text))

function match(pattern: RegExp, text: string, from: number): RegExpExecArray | undefined {
  pattern.lastIndex = from
  return pattern.exec(text) ?? undefined
}
