import { BadRecordError } from '../../../../shared/errors.ts'
import type { Events } from '../../format.ts'
import { type Payload, textOf } from '../../payload.ts'
import { refusing } from '../../record-events.ts'

/**
 * Calls `read` with each line that is not blank, without its line break, and its number from 0. A line for which it
 * throws BadRecordError is refused alone. Throws BadRecordError when the payload is not UTF-8, or blank.
 */
export function readLines(
  payload: Payload,
  events: Events,
  read: (line: string, position: number) => void,
): void {
  const text = textOf(payload.bytes)
  let isBlank = true
  let position = 0
  for (let from = 0; from < text.length; position++) {
    const end = text.indexOf('\n', from)
    const to = end < 0 ? text.length : end
    const line = text.slice(from, text[to - 1] === '\r' && to > from ? to - 1 : to)
    from = to + 1
    if (line.trim() === '') continue
    isBlank = false
    refusing(events, position, () => read(line, position))
  }
  if (isBlank) throw new BadRecordError('empty', 'the record has blank lines only')
}

/** The first line that is not blank, as far as a look at it goes; for `recognizes`. */
export function firstLineOf({ bytes }: Payload): string {
  let from = 0
  while (from < bytes.length && bytes[from]! <= 0x20) from++
  const end = bytes.indexOf(0x0a, from)
  const to = Math.min(end < 0 ? bytes.length : end, from + maxLook)
  return bytes.toString('latin1', from, to)
}

const maxLook = 1_024
