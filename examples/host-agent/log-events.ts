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

/** Whether a line begins an event; others, such as those of a stack trace, belong to the event before. */
export const beginsEvent = (text: string) =>
  (timestamp.exec(text)?.index ?? Number.POSITIVE_INFINITY) < timestampWithin

/** The event of some lines, the first of which begins it. Without a timestamp it happened at `now`. */
export function logEvent(lines: readonly LogLine[], { service, path, host }: LogSource, now: Date): LogEvent {
  const message = lines.map(({ text }) => text).join('\n')
  const [found] = timestamp.exec(lines[0]!.text) ?? []
  const time = found ? new Date(found.replace(',', '.').replace(' ', 'T')) : now
  const word = level.exec(lines[0]!.text)
  return {
    '@timestamp': (Number.isNaN(time.getTime()) ? now : time).toISOString(),
    message,
    log: {
      ...(word && { level: (word[1] ?? word[2]!).toLowerCase() }),
      file: { path },
      offset: lines[0]!.offset,
    },
    service: { name: service },
    host: { name: host },
    event: { dataset: `${service}.log` },
  }
}
