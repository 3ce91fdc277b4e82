import { BadRecordError } from '../../../../shared/errors.ts'

/** Objects in objects that an event may be. */
export const maxDepth = 20

/** The text of a value that is no object. Throws BadRecordError when it is a list that is nested too deep. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value !== 'object') return String(value)
  try {
    return JSON.stringify(value).toWellFormed()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new BadRecordError('too_deep', 'a list in the event is nested too deep')
  }
}
