import { gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import { lz4 } from './native.ts'
import { unpackSnappy } from './snappy.ts'
import { lz4Bound, requireBound, UnpackedTooLargeError, zstdLength } from './unpacked-size.ts'

export type Compression = 'gzip' | 'deflate' | 'zstd' | 'lz4' | 'snappy'

/**
 * zlib makes its output in pieces of 16 kB: many for a large batch, and far too much memory for each of a thousand small
 * ones. Most batches pack to less than half their size and unpack to less than eight times, which then is one piece.
 */
export const pieceBytes = (expected: number) => Math.min(Math.max(expected, 512), 256 * 1024)

/**
 * Unpacks in the calling thread. Throws UnpackedTooLargeError for what would grow beyond `maxBytes`, before it does, and
 * Error for bytes that are not of this compression.
 */
export function decompress(compression: Compression, bytes: Buffer, maxBytes: number): Buffer {
  const options = { maxOutputLength: maxBytes, chunkSize: pieceBytes(bytes.length * 8) }
  switch (compression) {
    case 'gzip':
      return bounded(maxBytes, () => gunzipSync(bytes, options))
    case 'deflate':
      return bounded(maxBytes, () => inflate(bytes, options))
    case 'zstd':
      return bounded(maxBytes, () =>
        zstdDecompressSync(bytes, { ...options, chunkSize: zstdPiece(bytes) ?? options.chunkSize }),
      )
    case 'lz4':
      requireBound(lz4Bound(bytes), maxBytes)
      return lz4().decompressFrameSync(bytes)
    case 'snappy':
      return unpackSnappy(bytes, maxBytes)
  }
}

/** A third less time than several pieces, which are put together. What is claimed beyond all likelihood gets no memory. */
function zstdPiece(bytes: Buffer): number | undefined {
  const length = zstdLength(bytes)
  const isLikely = length !== undefined && length <= Math.min(bytes.length * 64, 8 * 1024 * 1024)
  // One byte more, or zlib makes another piece to see that nothing follows.
  return isLikely ? Math.max(length + 1, 512) : undefined
}

/** HTTP calls zlib's format “deflate”, and some send deflate without zlib's header (RFC 9110, 8.4.1.2). */
function inflate(bytes: Buffer, options: Parameters<typeof inflateSync>[1]): Buffer {
  const hasHeader = bytes.length > 2 && (bytes[0]! & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0
  return hasHeader ? inflateSync(bytes, options) : inflateRawSync(bytes, options)
}

/** zlib's word for an output that grows too long is about its buffers. */
function bounded(maxBytes: number, unpack: () => Buffer): Buffer {
  try {
    return unpack()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new UnpackedTooLargeError(maxBytes)
    throw error
  }
}
