import { BadRecordError } from '../../../shared/errors.ts'
import type { Format, Reader, ReaderOptions } from '../format.ts'
import { JsonEventReader } from './json-event.ts'
import { firstLineOf, readLines } from './lines.ts'
import { loggerShape } from './logger-shape.ts'
import { originOf } from './origin.ts'
import { endOfQuoted } from './quoted.ts'
import { zoneOf } from './zone.ts'

/**
 * logfmt: `time=… level=info msg="it works" key=value`, one event a line, as Go's slog, logrus and go-kit, Grafana and
 * many others write it. Names mean what they mean in JSON lines.
 */
export const logfmt: Format = {
  name: 'logfmt',
  contentTypes: ['application/logfmt', 'text/logfmt'],

  recognizes(payload) {
    const line = firstLineOf(payload)
    // The measurement of line protocol may look like a key, but then a comma or a blank comes before the equals sign.
    if (!/^[A-Za-z_@][\w.@/-]*=/.test(line)) return false
    return typicalKeys.filter((key) => key.test(line)).length >= 2
  },

  createReader: (options) => createReader(options),
}

const typicalKeys = [
  /(^| )(time|ts|t|timestamp|@timestamp)="?\d/,
  /(^| )(level|lvl|severity)="?[A-Za-z]/,
  /(^| )(msg|message)=/,
]

const shape = { ...loggerShape, time: [...loggerShape.time, 't'] }

function createReader({ maxAttributes, timeZone }: ReaderOptions): Reader {
  const reader = new JsonEventReader(shape, { maxAttributes, zone: zoneOf(timeZone) })
  return {
    read(payload, events) {
      const origin = originOf(payload)
      readLines(payload, events, (line, position) =>
        events.log(position, reader.read(parseLogfmt(line), events.defaultTime, origin)),
      )
    },
  }
}

const isBlank = (code: number) => code <= 0x20

/** The pairs of a line; a key without a value has an empty one. Throws BadRecordError when it is no logfmt. */
export function parseLogfmt(line: string): Readonly<Record<string, string>> {
  const pairs: Record<string, string> = Object.create(null)
  let at = 0
  for (;;) {
    while (at < line.length && isBlank(line.charCodeAt(at))) at++
    if (at >= line.length) return pairs
    const from = at
    while (at < line.length && line[at] !== '=' && line[at] !== '"' && !isBlank(line.charCodeAt(at))) at++
    const key = line.slice(from, at)
    if (key === '' || line[at] === '"')
      throw new BadRecordError('unparseable', `no key=value at character ${from + 1}`)
    if (line[at] !== '=') {
      pairs[key] = ''
      continue
    }
    at++
    const end = line[at] === '"' ? endOfQuoted(line, at) : endOfBare(line, at)
    if (end < 0) throw new BadRecordError('unparseable', `the quote at character ${at + 1} does not end`)
    pairs[key] = line[at] === '"' ? unquote(line.slice(at + 1, end - 1)) : line.slice(at, end)
    at = end
  }
}

function endOfBare(line: string, from: number): number {
  let at = from
  while (at < line.length && !isBlank(line.charCodeAt(at))) at++
  return at
}

const escapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  '\\': '\\',
}

const unquote = (text: string) =>
  text.includes('\\')
    ? text.replace(/\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))/g, (all, unicode, byte, one) =>
        one === undefined ? String.fromCharCode(Number.parseInt(unicode ?? byte, 16)) : (escapes[one] ?? all),
      )
    : text
