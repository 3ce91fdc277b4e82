/** What compressed bytes unpack to at most, told before they are unpacked: a few kilobytes can claim gigabytes. */

/** What was compressed would grow beyond what is allowed. */
export class UnpackedTooLargeError extends Error {
  override readonly name = 'UnpackedTooLargeError'

  constructor(maxBytes: number) {
    super(`it unpacks to more than ${maxBytes} bytes`)
  }
}

/** Throws UnpackedTooLargeError when `bytes` are more than are allowed. */
export function requireBound(bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) throw new UnpackedTooLargeError(maxBytes)
}

/** A block of snappy begins with its unpacked length, seven bits a byte. */
export function snappyLength(block: Buffer): number {
  let length = 0
  for (let at = 0; at < 5 && at < block.length; at++) {
    length += (block[at]! & 0x7f) * 2 ** (7 * at)
    if (block[at]! < 0x80) break
  }
  return length
}

const lz4BlockSizes: Readonly<Record<number, number>> = { 4: 65_536, 5: 262_144, 6: 1_048_576, 7: 4_194_304 }

/** An LZ4 frame names the size of its blocks when unpacked: the bound is that times their number (LZ4 frame format 1.6). */
export function lz4Bound(frame: Buffer): number {
  if (frame.length < 7) return 0
  const flags = frame[4]!
  const blockSize = lz4BlockSizes[(frame[5]! >> 4) & 7] ?? Number.POSITIVE_INFINITY
  const contentSizeBytes = flags & 0x08 ? 8 : 0
  const dictionaryIdBytes = flags & 0x01 ? 4 : 0
  const checksumBytes = flags & 0x10 ? 4 : 0
  let bound = 0
  for (let at = 7 + contentSizeBytes + dictionaryIdBytes; at + 4 <= frame.length; ) {
    // The highest bit says that the block is stored as it is.
    const length = frame.readUInt32LE(at) & 0x7fff_ffff
    if (length === 0) break
    bound += blockSize
    at += 4 + length + checksumBytes
  }
  return bound
}

const zstdMagic = 0xfd2fb528

/** What the first frame says of its length when unpacked; undefined when it does not (RFC 8878, 3.1.1.1). */
export function zstdLength(bytes: Buffer): number | undefined {
  if (bytes.length < 18 || bytes.readUInt32LE(0) !== zstdMagic) return undefined
  const descriptor = bytes[4]!
  const isSingleSegment = (descriptor & 0x20) !== 0
  const windowBytes = isSingleSegment ? 0 : 1
  const at = 5 + windowBytes + [0, 1, 2, 4][descriptor & 3]!
  switch (descriptor >> 6) {
    case 0:
      return isSingleSegment ? bytes[at]! : undefined
    case 1:
      return bytes.readUInt16LE(at) + 256
    case 2:
      return bytes.readUInt32LE(at)
    default:
      return Number(bytes.readBigUInt64LE(at))
  }
}
