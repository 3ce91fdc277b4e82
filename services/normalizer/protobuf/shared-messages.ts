import type protobuf from 'protobufjs'

/** Longer messages seldom repeat. */
const maxBytes = 256
const slots = 8_192

interface Known {
  readonly bytes: Buffer
  readonly message: object
}

/**
 * Makes the decoder of `type` remember messages by their bytes, some thousands, so that those that come again, as attributes do from point
 * to point, are decoded once and are one object. `make` says what stands for the message then.
 */
export function shareMessages(type: protobuf.Type, make: (message: object) => object): void {
  type.setup()
  const decode: (...args: readonly unknown[]) => object = type.decode.bind(type) as never
  const known = new Array<Known | undefined>(slots).fill(undefined)
  type.decode = ((reader: protobuf.BufferReader, length: number | undefined, ...more: readonly unknown[]) => {
    const from = reader.pos
    if (length === undefined || length > maxBytes || from + length > reader.len)
      return make(decode(reader, length, ...more))
    const buffer = reader.buf as Buffer
    const slot = hashOf(buffer, from, from + length) & (slots - 1)
    const found = known[slot]
    if (found && isAt(buffer, from, length, found.bytes)) {
      reader.pos = from + length
      return found.message
    }
    const message = make(decode(reader, length, ...more))
    known[slot] = { bytes: Buffer.from(buffer.subarray(from, from + length)), message }
    return message
  }) as typeof type.decode
}

/** FNV-1a; two of the same slot push each other out. */
function hashOf(bytes: Buffer, from: number, to: number): number {
  let hash = 0x811c9dc5
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
  return hash ^ (hash >>> 15)
}

function isAt(bytes: Buffer, from: number, length: number, text: Buffer): boolean {
  if (text.length !== length) return false
  for (let i = 0; i < length; i++) if (bytes[from + i] !== text[i]) return false
  return true
}
