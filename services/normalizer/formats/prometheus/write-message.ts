import { decompress } from '../../../../shared/compression/decompress.ts'
import { snappyLength, UnpackedTooLargeError } from '../../../../shared/compression/unpacked-size.ts'
import { BadRecordError } from '../../../../shared/errors.ts'
import { unpacksToTooMuch } from '../../content-encoding.ts'

type WriteVersion = 1 | 2

/** Which version of remote write these bytes look like, compressed or not. Cheap: nothing is unpacked. */
export const versionOf = (bytes: Buffer): WriteVersion | undefined =>
  versionOfMessage(bytes, bytes.length) ?? versionOfMessage(firstLiteral(bytes), snappyLength(bytes))

/** The message without its compression. Throws BadRecordError, also when it would have more than `maxBytes`: a few kilobytes can claim gigabytes. */
export function unpackedMessage(bytes: Buffer, maxBytes: number): Buffer {
  if (versionOfMessage(bytes, bytes.length) !== undefined) return bytes
  try {
    return decompress('snappy', bytes, maxBytes)
  } catch (error) {
    if (error instanceof UnpackedTooLargeError) throw unpacksToTooMuch(error)
    throw new BadRecordError('unparseable', `not a block of snappy: ${(error as Error).message}`)
  }
}

/** A block of snappy begins with the length of what it unpacks to, and with bytes that it can't have copied from before. */
function firstLiteral(bytes: Buffer): Buffer {
  let at = 0
  while (at < 5 && bytes[at]! >= 0x80) at++
  const tag = bytes[++at]
  if (tag === undefined || (tag & 3) !== 0) return Buffer.alloc(0)
  const size = tag >> 2
  // Lengths from 60 on stand in the one to four bytes that follow.
  return bytes.subarray(at + 1 + Math.max(0, size - 59), size < 60 ? at + 2 + size : undefined)
}

const series = 0x0a
const metadata = 0x1a
const symbols = 0x22

/**
 * By its first fields: a first symbol that is empty, or a first series with a label, or metadata with a type, in a
 * message of that length.
 */
function versionOfMessage(bytes: Buffer, length: number): WriteVersion | undefined {
  if (bytes[0] === symbols) return bytes[1] === 0 && bytes[2] === symbols ? 2 : undefined
  const first = lengthAt(bytes, 1)
  if (!first || first.next + first.length > length) return undefined
  if (bytes[0] === metadata) return bytes[first.next] === 0x08 || bytes[first.next] === 0x12 ? 1 : undefined
  if (bytes[0] !== series) return undefined
  const label = within(bytes, first)
  const name = within(bytes, label)
  // The name of a label, and then its value, inside the label: OTLP has the same beginning, but not this.
  const isLabel = name && label && name.length > 0 && name.length + 2 < label.length
  return isLabel && bytes[name.next + name.length] === 0x12 ? 1 : undefined
}

interface Length {
  readonly length: number
  /** Where what has this length begins. */
  readonly next: number
}

/** Of the field 1, with a length, that stands first in another. */
const within = (bytes: Buffer, outer: Length | undefined): Length | undefined =>
  outer && bytes[outer.next] === 0x0a ? lengthAt(bytes, outer.next + 1) : undefined

function lengthAt(bytes: Buffer, from: number): Length | undefined {
  let length = 0
  for (let at = from; at < from + 5 && at < bytes.length; at++) {
    length += (bytes[at]! & 0x7f) * 2 ** (7 * (at - from))
    if (bytes[at]! < 0x80) return { length, next: at + 1 }
  }
  return undefined
}
