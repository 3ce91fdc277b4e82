import { type Compression, decompress } from '../../shared/compression/decompress.ts'
import { framedSnappyMagic, javaSnappyMagic } from '../../shared/compression/snappy.ts'
import { UnpackedTooLargeError } from '../../shared/compression/unpacked-size.ts'
import { BadRecordError } from '../../shared/errors.ts'

/**
 * The value of a raw record without what an agent has packed it into: as its first bytes say, else as its
 * content-encoding header does, for what has no mark of its own. A header that speaks of gzip, zstd or lz4 while the
 * bytes do not begin so was true on the way to Kafka, and is passed over. Throws BadRecordError for damaged bytes, and
 * for those that would grow beyond `maxBytes`.
 */
export function unpacked(bytes: Buffer, contentEncoding: string | undefined, maxBytes: number): Buffer {
  const compression = compressionOf(bytes) ?? unmarked.get(contentEncoding?.trim().toLowerCase() ?? '')
  if (!compression) return bytes
  try {
    return decompress(compression, bytes, maxBytes)
  } catch (error) {
    if (error instanceof UnpackedTooLargeError) throw unpacksToTooMuch(error)
    throw new BadRecordError('undecodable', `not ${compression}: ${(error as Error).message}`)
  }
}

export const unpacksToTooMuch = ({ message }: UnpackedTooLargeError) =>
  new BadRecordError('too_large', `${message} (normalizer.maxUnpackedBytes)`)

/** By content-encoding: what is told from the header alone. */
const unmarked: ReadonlyMap<string, Compression> = new Map([
  ['deflate', 'deflate'],
  ['snappy', 'snappy'],
  ['x-snappy', 'snappy'],
])

const magics: readonly (readonly [Compression, Buffer])[] = [
  ['gzip', Buffer.from([0x1f, 0x8b, 0x08])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['lz4', Buffer.from([0x04, 0x22, 0x4d, 0x18])],
  ['snappy', framedSnappyMagic],
  ['snappy', javaSnappyMagic],
]

/** The first bytes with which any of them begins: most records are not packed, and one look at a byte tells so. */
const firstBytes = new Set(magics.map(([, magic]) => magic[0]!))

function compressionOf(bytes: Buffer): Compression | undefined {
  if (!firstBytes.has(bytes[0]!)) return undefined
  return magics.find(([, magic]) => bytes.subarray(0, magic.length).equals(magic))?.[0]
}
