import { BadRecordError } from '../../../../shared/errors.ts'
import { isUnset } from '../../protobuf/unset.ts'

const hexadecimal = /^[0-9a-f]+$/i
/** Of 16 or 8 bytes: unlike hexadecimal digits, it ends in an equals sign. */
const base64 = /^[A-Za-z0-9+/]{11}(?:=|[A-Za-z0-9+/]{11}==)$/
const zeros = '0'.repeat(32)

/**
 * An id of 16 (span) or 32 (trace) lower-case hexadecimal digits, padded with zeros at the left, from bytes, digits, or base64 as
 * protobuf's JSON has it; null when there is none, or only zeros. Throws BadRecordError when it is no such id.
 */
export function idOrNull(value: unknown, digits: 16 | 32): string | null {
  if (Buffer.isBuffer(value)) return padded(value.toString('hex'), digits)
  if (typeof value === 'string')
    return padded(base64.test(value) ? Buffer.from(value, 'base64').toString('hex') : value, digits)
  if (isUnset(value)) return null
  throw invalid(digits)
}

function padded(id: string, digits: 16 | 32): string | null {
  if (zeros.startsWith(id)) return null
  if (id.length > digits || !hexadecimal.test(id)) throw invalid(digits)
  return id.toLowerCase().padStart(digits, '0')
}

/** Like `idOrNull`, but there must be one. */
export function idOf(value: unknown, digits: 16 | 32): string {
  const id = idOrNull(value, digits)
  if (id === null) throw invalid(digits)
  return id
}

const invalid = (digits: number) =>
  new BadRecordError(
    'invalid_id',
    `a ${digits === 32 ? 'trace' : 'span'} id has up to ${digits} hexadecimal digits, not all of them zero`,
  )
