import { BadRecordError } from '../../../shared/errors.ts'
import { setOwn } from '../../../shared/logs/fields.ts'
import type { Format, Reader, ReaderOptions } from '../format.ts'
import { JsonEventReader } from './parts/json-event.ts'
import { firstLineOf, readLines } from './parts/lines.ts'
import { loggerShape } from './parts/logger-shape.ts'
import { originOf } from './parts/origin.ts'
import { endOfQuoted } from './parts/quoted.ts'
import { zoneOf } from './parts/zone.ts'

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

const equals = 0x3d
const quote = 0x22
const blank = 0x20

/** The pairs of a line; a key without a value has an empty one. Throws BadRecordError when it is no logfmt. */
export function parseLogfmt(line: string): Readonly<Record<string, string>> {
  const pairs: Record<string, string> = {}
  let at = 0
  for (;;) {
    while (line.charCodeAt(at) <= blank) at++
    if (at >= line.length) return pairs
    const from = at
    let code = line.charCodeAt(at)
    while (code > blank && code !== equals && code !== quote) code = line.charCodeAt(++at)
    const key = line.slice(from, at)
    if (key === '' || code === quote)
      throw new BadRecordError('unparseable', `no key=value at character ${from + 1}`)
    if (code !== equals) {
      setOwn(pairs, key, '')
      continue
    }
    at++
    const isQuoted = line.charCodeAt(at) === quote
    const end = isQuoted ? endOfQuoted(line, at) : endOfBare(line, at)
    if (end < 0) throw new BadRecordError('unparseable', `the quote at character ${at + 1} does not end`)
    setOwn(pairs, key, isQuoted ? unquote(line.slice(at + 1, end - 1)) : line.slice(at, end))
    at = end
  }
}

function endOfBare(line: string, from: number): number {
  let at = from
  while (line.charCodeAt(at) > blank) at++
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
