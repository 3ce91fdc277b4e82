import type { LogLevel } from '../../../../shared/avro/types.ts'
import { BadRecordError } from '../../../../shared/errors.ts'
import type { LogEvent } from '../../../../shared/logs/placed-log.ts'
import type { EventTime } from '../../../../shared/stream/task.ts'
import { splitTags } from './tags.ts'

/**
 * A DogStatsD event, `_e{5,4}:title|text|d:time|h:host|p:priority|t:type|k:key|s:source|#tags`, with the lengths of
 * title and text in bytes. Throws BadRecordError.
 */
export function readEvent(line: string, defaultTime: EventTime, maxAttributes: number): LogEvent {
  const [head, titleLength, textLength] = /^_e\{(\d{1,9}),(\d{1,9})\}:/.exec(line) ?? []
  if (head === undefined) throw malformed(line)
  const bytes = Buffer.from(line.slice(head.length))
  const titleEnd = Number(titleLength)
  const textEnd = titleEnd + 1 + Number(textLength)
  const isCut = textEnd > bytes.length || bytes[titleEnd] !== 0x7c
  if (isCut || (textEnd < bytes.length && bytes[textEnd] !== 0x7c)) throw malformed(line)
  const title = bytes.toString('utf8', 0, titleEnd)
  const text = withLineBreaks(bytes.toString('utf8', titleEnd + 1, textEnd))
  const { fields, tags } = sectionsOf(bytes.toString('utf8', textEnd + 1))
  const attributes = new Map([
    ['event.title', title],
    ['event.type', fields.get('t') ?? ''],
    ['event.priority', fields.get('p') ?? ''],
    ['event.aggregation_key', fields.get('k') ?? ''],
    ['event.source', fields.get('s') ?? ''],
    ['container.id', fields.get('c') ?? ''],
    ...tags,
  ])
  return logEvent(text || title, levels.get(fields.get('t') ?? 'info'), fields, attributes, {
    defaultTime,
    maxAttributes,
  })
}

/** A DogStatsD service check, `_sc|name|status|d:time|h:host|#tags|m:message`. Throws BadRecordError. */
export function readServiceCheck(line: string, defaultTime: EventTime, maxAttributes: number): LogEvent {
  const [, name = '', status = '', ...sections] = line.split('|')
  const state = states.get(status)
  if (name === '' || !state) throw malformed(line)
  const { fields, tags } = sectionsOf(sections.join('|'))
  const attributes = new Map([
    ['service_check.name', name],
    ['service_check.status', state.word],
    ['container.id', fields.get('c') ?? ''],
    ...tags,
  ])
  const message = withLineBreaks(fields.get('m') ?? '') || `${name} is ${state.word}`
  return logEvent(message, state.level, fields, attributes, { defaultTime, maxAttributes })
}

const levels: ReadonlyMap<string, LogLevel> = new Map([
  ['error', 'error'],
  ['warning', 'warn'],
  ['info', 'info'],
  ['success', 'info'],
])

const states: ReadonlyMap<string, { readonly word: string; readonly level: LogLevel }> = new Map([
  ['0', { word: 'ok', level: 'info' }],
  ['1', { word: 'warning', level: 'warn' }],
  ['2', { word: 'critical', level: 'error' }],
  ['3', { word: 'unknown', level: 'unknown' }],
])

/** Sections `letter:text` and `#tags`. A message comes last, and may hold bars. */
function sectionsOf(text: string) {
  const fields = new Map<string, string>()
  const tags = new Map<string, string>()
  const message = /(?:^|\|)m:(.*)$/s.exec(text)
  if (message) fields.set('m', message[1]!)
  for (const section of text.slice(0, message?.index).split('|')) {
    if (section.startsWith('#'))
      for (const { key, value } of splitTags(section.slice(1), ':')) tags.set(key, value)
    else if (section[1] === ':') fields.set(section[0]!, section.slice(2))
  }
  return { fields, tags }
}

function logEvent(
  message: string,
  level: LogLevel | undefined,
  fields: ReadonlyMap<string, string>,
  attributes: ReadonlyMap<string, string>,
  { defaultTime, maxAttributes }: { readonly defaultTime: EventTime; readonly maxAttributes: number },
): LogEvent {
  const filled = [...attributes].filter(([key, value]) => key !== '' && value !== '')
  if (filled.length > maxAttributes)
    throw new BadRecordError('too_many_tags', `${filled.length} tags: at most ${maxAttributes} are allowed`)
  const seconds = fields.get('d')
  return {
    time: seconds === undefined ? defaultTime : /^\d+$/.test(seconds) ? Number(seconds) * 1_000 : Number.NaN,
    message,
    service: attributes.get('service') || fields.get('s') || 'unknown',
    host: fields.get('h') || attributes.get('host') || '',
    level: level ?? 'unknown',
    traceId: null,
    spanId: null,
    attributes: { names: filled.map(([name]) => name), texts: filled.map(([, text]) => text) },
  }
}

const withLineBreaks = (text: string) => text.replaceAll('\\n', '\n')

const malformed = (line: string) =>
  new BadRecordError('unparseable', `“${line.slice(0, 80)}” is no event or service check of DogStatsD`)
