import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import { type Compression, decompress, pieceBytes } from '../compression/decompress.ts'
import { lz4, snappy } from '../compression/native.ts'
import { UnpackedTooLargeError } from '../compression/unpacked-size.ts'
import kafkajs from './kafkajs.ts'

interface Encoder {
  readonly buffer: Buffer
}

/** No record batch grows beyond this when unpacked. */
export const maxUnpackedBytes = 128 * 1024 * 1024

/** A fifth less time than the default level, 3, for batches of points that are one percent larger. */
const level = { [constants.ZSTD_c_compressionLevel]: 1 }

const packZstd = (bytes: Buffer) =>
  zstdCompressSync(bytes, { params: level, chunkSize: pieceBytes(bytes.length >> 1) })

/**
 * Teaches kafkajs the codecs that it lacks, and gzip within bounds. Tidemark writes zstd, in the calling thread: a batch
 * takes well under a millisecond, less than the way to the thread pool and back. Agents may write any codec, and no
 * batch of theirs grows beyond `maxUnpackedBytes`, whatever it claims: that stops the reading of its partition.
 */
export function registerCodecs(): void {
  const { CompressionCodecs: codecs, CompressionTypes: types } = kafkajs
  const codec = (compression: Compression, compress: (bytes: Buffer) => Buffer) => () => ({
    compress: async (encoder: Encoder) => compress(encoder.buffer),
    decompress: async (bytes: Buffer) => unpack(compression, bytes),
  })
  codecs[types.ZSTD] = codec('zstd', packZstd)
  codecs[types.GZIP] = codec('gzip', (bytes) => gzipSync(bytes))
  codecs[types.Snappy] = codec('snappy', (bytes) => snappy().compressSync(bytes))
  codecs[types.LZ4] = codec('lz4', (bytes) => lz4().compressFrameSync(bytes))
}

function unpack(compression: Compression, bytes: Buffer): Buffer {
  try {
    return decompress(compression, bytes, maxUnpackedBytes)
  } catch (error) {
    if (!(error instanceof UnpackedTooLargeError)) throw error
    throw new Error(`a record batch unpacks to more than ${maxUnpackedBytes} bytes: it is not read`, {
      cause: error,
    })
  }
}
