import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import kafkajs from 'kafkajs'
import lz4 from 'lz4-napi'
import snappy from 'snappy'

interface Encoder {
  readonly buffer: Buffer
}

/** No record batch grows beyond this when unpacked, whatever its producer claims. */
const maxUnpackedBytes = 128 * 1024 * 1024

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
  zstdDecompressSync(bytes, { maxOutputLength: maxUnpackedBytes, chunkSize: pieceBytes(bytes.length * 8) })

/**
 * Teaches kafkajs the codecs that it lacks. Tidemark writes zstd, in the calling thread: a batch takes well under a
 * millisecond, less than the way to the thread pool and back. Agents may write any codec.
 */
export function registerCodecs(): void {
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => ({
    compress: async (encoder: Encoder) => packZstd(encoder.buffer),
    decompress: async (bytes: Buffer) => unpackZstd(bytes),
  })
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.Snappy] = () => ({
    compress: async (encoder: Encoder) => snappy.compressSync(encoder.buffer),
    decompress: async (bytes: Buffer) => unpackSnappy(bytes),
  })
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.LZ4] = () => ({
    compress: async (encoder: Encoder) => lz4.compressFrameSync(encoder.buffer),
    decompress: async (bytes: Buffer) => lz4.decompressFrameSync(bytes),
  })
}

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const xerialHeaderBytes = 16

/** Java clients cut snappy into length-prefixed blocks behind a header (snappy-java's stream format); others send one bare block. */
export function unpackSnappy(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) return uncompressBlock(bytes)
  const blocks: Buffer[] = []
  for (let at = xerialHeaderBytes; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    blocks.push(uncompressBlock(bytes.subarray(at + 4, at + 4 + length)))
    at += 4 + length
  }
  return Buffer.concat(blocks)
}

const uncompressBlock = (block: Buffer) => snappy.uncompressSync(block) as Buffer
