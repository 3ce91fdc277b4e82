import { BadRecordError } from '../../../../shared/errors.ts'

/** Of a tag's value in JSON, which is no list or object; empty for null. Throws BadRecordError. */
export function tagText(value: unknown): string {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value === null || value === undefined) return ''
  throw new BadRecordError('unparseable', 'the value of a tag is a list or an object')
}
