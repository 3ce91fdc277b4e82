import type { Tag } from '../avro/types.ts'

/** A text, or a number, with a mark for integers, which InfluxDB keeps as another type. */
export type FieldValue = string | number | { readonly integer: number }

/** One line of line protocol, `time` in the precision that the request names. Needs at least one field. */
export function lineOf(
  measurement: string,
  tags: readonly Tag[],
  fields: Readonly<Record<string, FieldValue>>,
  time: number,
): string {
  // Joined once: a line that grows piece by piece is a tree of pieces, which costs the garbage collector more.
  const parts = [escapeMeasurement(measurement)]
  for (const { key, value } of tags) parts.push(',', escapeTag(key), '=', escapeTag(value))
  let separator = ' '
  for (const key in fields) {
    const value = fields[key]!
    parts.push(separator, escapeTag(key), '=', fieldText(value))
    separator = ','
  }
  parts.push(' ', String(time))
  return parts.join('')
}

/** What tells the point of a line apart: measurement, tags and time. A later line with the same overwrites its fields. */
export function identityOf(line: string): string {
  // A separator within a name has a backslash before it.
  return line.slice(0, line.search(/(?<!\\) /)) + line.slice(line.lastIndexOf(' '))
}

function fieldText(value: FieldValue): string {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' ? quote(value) : `${value.integer}i`
}

/** Line breaks are spelt out as in tags, so that a line stays one. */
const quote = (text: string) =>
  `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\\\n').replaceAll('\r', '\\\\r')}"`

const escapeMeasurement = (text: string) => (isPlain(text) ? text : spell(text).replace(/[, ]/g, '\\$&'))
const escapeTag = (text: string) => (isPlain(text) ? text : spell(text).replace(/[,= ]/g, '\\$&'))

/** Most texts are: that is found out in a tenth of the time that the replacements take. */
const isPlain = (text: string) => !/[\n\r\t\\,= #]/.test(text)

/**
 * What the protocol can't carry: line breaks and tabs are spelt out, as the official clients do. A backslash before a
 * separator, or at the end, would swallow it, however it is doubled: it gets an underscore. A line may not begin with #.
 */
export function spell(text: string): string {
  if (!/[\n\r\t\\]|^#/.test(text)) return text
  return text
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replace(/\\(?=[,= ]|$)/g, '\\_')
    .replace(/^#/, '_#')
}
