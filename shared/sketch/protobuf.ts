/** What a protobuf field may be: a varint, a double, or bytes that hold text, a message or packed numbers. */
export type FieldValue = number | Uint8Array

/**
 * Calls `take` for each field of a protobuf message. Varints are exact up to 2^53, and fields of 4 bytes are passed
 * over. Throws RangeError for bytes that are no message.
 */
export function readFields(message: Uint8Array, take: (field: number, value: FieldValue) => void): void {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  let at = 0
  const varint = () => {
    let value = 0
    for (let scale = 1; scale < 2 ** 70; scale *= 128) {
      const byte = message[at++]
      if (byte === undefined) throw new RangeError('malformed protobuf: cut off')
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    throw new RangeError('malformed protobuf: number too long')
  }
  const skip = (length: number) => {
    if (length > message.length - at) throw new RangeError('malformed protobuf: cut off')
    at += length
  }
  while (at < message.length) {
    const tag = varint()
    const field = Math.floor(tag / 8)
    const type = tag % 8
    if (type === 0) take(field, varint())
    else if (type === 1) {
      skip(8)
      take(field, view.getFloat64(at - 8, true))
    } else if (type === 2) {
      const length = varint()
      skip(length)
      take(field, message.subarray(at - length, at))
    } else if (type === 5) skip(4)
    else throw new RangeError(`malformed protobuf: wire type ${type}`)
  }
}

export const zigzagDecode = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2)

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return [...bytes, rest]
}

export const zigzag = (value: number): number[] => varint(value >= 0 ? value * 2 : -value * 2 - 1)

export function doubles(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * values.length))
  values.forEach((value, i) => {
    view.setFloat64(8 * i, value, true)
  })
  return new Uint8Array(view.buffer)
}

export const varintField = (field: number, encoded: readonly number[]): Uint8Array =>
  Uint8Array.from([...varint(field * 8), ...encoded])

export const doubleField = (field: number, value: number): Uint8Array =>
  Buffer.concat([Uint8Array.from(varint(field * 8 + 1)), doubles([value])])

export const bytesField = (field: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const bytes = Buffer.concat(parts)
  return Buffer.concat([Uint8Array.from([...varint(field * 8 + 2), ...varint(bytes.length)]), bytes])
}
