/** A log event in the Elastic Common Schema, as Filebeat would send it. */
export interface LogEvent {
  readonly '@timestamp': string
  readonly message: string
  readonly log: { readonly level?: string; readonly file: { readonly path: string }; readonly offset: number }
  readonly service: { readonly name: string }
  readonly host: { readonly name: string }
  readonly event: { readonly dataset: string }
}

export interface LogSource {
  readonly service: string
  readonly path: string
  readonly host: string
}

/** A line of a log file and where it begins. */
export interface LogLine {
  readonly text: string
  readonly offset: number
}

const timestamp = /\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?/
const level = /\b(?:lvl|level)=(\w+)|\b(TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL|SEVERE)\b/

/** How far into a line its timestamp may begin. */
const timestampWithin = 20

/** A line of a logger that writes JSON, such as pino or an ECS logger: an event by itself. */
const isJson = (text: string) => text.startsWith('{') && text.endsWith('}')

/** Whether a line begins an event; others, such as those of a stack trace, belong to the event before. */
export const beginsEvent = (text: string) =>
  isJson(text) || (timestamp.exec(text)?.index ?? Number.POSITIVE_INFINITY) < timestampWithin

/** The event of some lines, the first of which begins it. Without a timestamp it happened at `now`. */
export function logEvent(lines: readonly LogLine[], { service, path, host }: LogSource, now: Date): LogEvent {
  const text = lines.map((line) => line.text).join('\n')
  const { time, level, message } = (lines.length === 1 && jsonEvent(text)) || textEvent(text)
  return {
    '@timestamp': (Number.isNaN(time.getTime()) ? now : time).toISOString(),
    message,
    log: { ...(level && { level }), file: { path }, offset: lines[0]!.offset },
    service: { name: service },
    host: { name: host },
    event: { dataset: `${service}.log` },
  }
}

interface ReadEvent {
  /** Invalid when the lines tell no time. */
  readonly time: Date
  readonly level: string | undefined
  readonly message: string
}

function textEvent(text: string): ReadEvent {
  const head = text.slice(0, 500)
  const [found = ''] = timestamp.exec(head) ?? []
  const word = level.exec(head)
  return {
    time: new Date(found.replace(',', '.').replace(' ', 'T')),
    level: (word?.[1] ?? word?.[2])?.toLowerCase(),
    message: text,
  }
}

function jsonEvent(text: string): ReadEvent | undefined {
  if (!isJson(text)) return undefined
  try {
    const {
      time,
      level: word,
      msg,
    } = JSON.parse(text) as { readonly time?: string; readonly level?: string; readonly msg?: string }
    return {
      time: new Date(time ?? Number.NaN),
      level: word === undefined ? undefined : String(word),
      message: msg ?? text,
    }
  } catch {
    return undefined
  }
}
