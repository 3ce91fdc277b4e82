import type { LogLevel } from '../../../../shared/avro/types.ts'

const wordsOf: Readonly<Record<Exclude<LogLevel, 'unknown'>, string>> = {
  fatal: 'fatal critical crit emergency emerg alert panic dpanic off',
  error: 'error err severe failure',
  warn: 'warn warning',
  info: 'info information informational notice note log config default success http',
  debug: 'debug fine verbose debug1 debug2 debug3 debug4 debug5',
  trace: 'trace finer finest all silly',
}

const levels: ReadonlyMap<string, LogLevel> = new Map(
  Object.entries(wordsOf).flatMap(([level, words]) =>
    words.split(' ').map((word) => [word, level as LogLevel] as const),
  ),
)

const longestWord = Math.max(...[...levels.keys()].map(({ length }) => length))

/** Severity from the producer's word for it: syslog's, log4j's, java.util.logging's, npm's, zap's and others', in any case. */
export function levelOf(word: string | undefined): LogLevel {
  if (word === undefined || word.length > longestWord) return 'unknown'
  return levels.get(word) ?? levels.get(word.toLowerCase()) ?? 'unknown'
}

const severities: readonly LogLevel[] = ['fatal', 'fatal', 'fatal', 'error', 'warn', 'info', 'info', 'debug']

/** Of a severity of syslog: 0 (emergency) to 7 (debug). */
export const levelOfSeverity = (severity: number): LogLevel => severities[severity] ?? 'unknown'

/** From a number: 10 (trace) to 60 (fatal) as pino and bunyan count, levels of one's own between; below 8 as syslog counts. */
function levelOfNumber(value: number): LogLevel {
  if (value < 8) return levelOfSeverity(value)
  if (value < 10 || value >= 100) return 'unknown'
  if (value < 20) return 'trace'
  if (value < 30) return 'debug'
  if (value < 40) return 'info'
  if (value < 50) return 'warn'
  return value < 60 ? 'error' : 'fatal'
}

/** From a word, or a number in digits. */
export function levelOfText(text: string | undefined): LogLevel {
  const level = levelOf(text)
  if (level !== 'unknown' || !text) return level
  const first = text.charCodeAt(0)
  return first >= 0x30 && first <= 0x39 ? levelOfNumber(Number(text)) : 'unknown'
}

/** Of an HTTP response: what went wrong on the server is an error, what the client asked wrongly a warning. */
export function levelOfStatus(status: number): LogLevel {
  if (status >= 500) return 'error'
  return status >= 400 ? 'warn' : 'info'
}
