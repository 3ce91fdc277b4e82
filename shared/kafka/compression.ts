import { createRequire } from 'node:module'
import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import kafkajs from './kafkajs.ts'
import { lz4Bound, maxUnpackedBytes, requireBound, snappyLength } from './unpacked-size.ts'

const require = createRequire(import.meta.url)

/** Native code that few topics need: loaded with the first batch that is packed so. */
const snappy = () => require('snappy') as typeof import('snappy')
const lz4 = () => require('lz4-napi') as typeof import('lz4-napi')

interface Encoder {
  readonly buffer: Buffer
}

/**
 * zlib makes its output in pieces of 16 kB: many for a large batch, and far too much memory for each of a thousand small
 * ones. Most batches pack to less than half their size and unpack to less than eight times, which then is one piece.
 */
const pieceBytes = (expected: number) => Math.min(Math.max(expected, 512), 256 * 1024)

/** A fifth less time than the default level, 3, for batches of points that are one percent larger. */
const level = { [constants.ZSTD_c_compressionLevel]: 1 }

const packZstd = (bytes: Buffer) =>
  zstdCompressSync(bytes, { params: level, chunkSize: pieceBytes(bytes.length >> 1) })

const unpackZstd = (bytes: Buffer) =>
  zstdDecompressSync(bytes, { ...limit, chunkSize: pieceBytes(bytes.length * 8) })

/**
 * Teaches kafkajs the codecs that it lacks, and gzip within bounds. Tidemark writes zstd, in the calling thread: a batch
 * takes well under a millisecond, less than the way to the thread pool and back. Agents may write any codec, and no
 * batch of theirs grows beyond `maxUnpackedBytes`, whatever it claims.
 */
export function registerCodecs(): void {
  const { CompressionCodecs: codecs, CompressionTypes: types } = kafkajs
  codecs[types.ZSTD] = () => ({
    compress: async (encoder: Encoder) => packZstd(encoder.buffer),
    decompress: async (bytes: Buffer) => bounded(() => unpackZstd(bytes)),
  })
  codecs[types.GZIP] = () => ({
    compress: async (encoder: Encoder) => gzipSync(encoder.buffer),
    decompress: async (bytes: Buffer) => bounded(() => gunzipSync(bytes, limit)),
  })
  codecs[types.Snappy] = () => ({
    compress: async (encoder: Encoder) => snappy().compressSync(encoder.buffer),
    decompress: async (bytes: Buffer) => unpackSnappy(bytes),
  })
  codecs[types.LZ4] = () => ({
    compress: async (encoder: Encoder) => lz4().compressFrameSync(encoder.buffer),
    decompress: async (bytes: Buffer) => {
      requireBound(lz4Bound(bytes))
      return lz4().decompressFrameSync(bytes)
    },
  })
}

const limit = { maxOutputLength: maxUnpackedBytes }

/** zlib's word for an output that grows too long is about its buffers. */
function bounded(unpack: () => Buffer): Buffer {
  try {
    return unpack()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      requireBound(Number.POSITIVE_INFINITY)
    throw error
  }
}

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const xerialHeaderBytes = 16

/** Java clients cut snappy into length-prefixed blocks behind a header (snappy-java's stream format); others send one bare block. */
export function unpackSnappy(bytes: Buffer): Buffer {
  const blocks = snappyBlocks(bytes)
  requireBound(blocks.reduce((sum, block) => sum + snappyLength(block), 0))
  return Buffer.concat(blocks.map((block) => snappy().uncompressSync(block) as Buffer))
}

function snappyBlocks(bytes: Buffer): readonly Buffer[] {
  if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) return [bytes]
  const blocks: Buffer[] = []
  for (let at = xerialHeaderBytes; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    blocks.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return blocks
}
