import { snappy } from './native.ts'
import { requireBound, snappyLength } from './unpacked-size.ts'

/**
 * Unpacks snappy in the three shapes that it is sent in: one bare block, as in Prometheus remote write; the stream of
 * snappy-java, which Kafka's clients write; and the framing format of snappy's own documentation. Throws
 * UnpackedTooLargeError, or Error for bytes that are none of these.
 */
export function unpackSnappy(bytes: Buffer, maxBytes: number): Buffer {
  const blocks = blocksOf(bytes)
  const lengths = blocks.map(({ block, isStored }) => (isStored ? block.length : snappyLength(block)))
  requireBound(
    lengths.reduce((sum, length) => sum + length, 0),
    maxBytes,
  )
  const unpacked = blocks.map(({ block, isStored }) =>
    isStored ? block : (snappy().uncompressSync(block) as Buffer),
  )
  return unpacked.length === 1 ? unpacked[0]! : Buffer.concat(unpacked)
}

interface Block {
  readonly block: Buffer
  /** Not compressed. */
  readonly isStored: boolean
}

/** The framing format begins with a chunk that says so. */
export const framedSnappyMagic = Buffer.from([0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59])
export const javaSnappyMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const javaHeaderBytes = 16

function blocksOf(bytes: Buffer): readonly Block[] {
  if (bytes.subarray(0, javaSnappyMagic.length).equals(javaSnappyMagic)) return javaBlocks(bytes)
  if (bytes.subarray(0, framedSnappyMagic.length).equals(framedSnappyMagic)) return framedBlocks(bytes)
  return [{ block: bytes, isStored: false }]
}

/** Blocks behind their length, big-endian. */
function javaBlocks(bytes: Buffer): readonly Block[] {
  const blocks: Block[] = []
  for (let at = javaHeaderBytes; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    blocks.push({ block: bytes.subarray(at + 4, at + 4 + length), isStored: false })
    at += 4 + length
  }
  return blocks
}

const checksumBytes = 4

/** Chunks behind their kind and their length, little-endian; those from 0x80 on may be passed over. */
function framedBlocks(bytes: Buffer): readonly Block[] {
  const blocks: Block[] = []
  for (let at = 0; at + 4 <= bytes.length; ) {
    const kind = bytes[at]!
    const length = bytes.readUIntLE(at + 1, 3)
    if (at + 4 + length > bytes.length) throw new Error('a chunk of snappy is cut off')
    if (kind <= 1) {
      if (length < checksumBytes) throw new Error('a chunk of snappy is too short')
      blocks.push({
        block: bytes.subarray(at + 4 + checksumBytes, at + 4 + length),
        isStored: kind === 1,
      })
    } else if (kind < 0x80) throw new Error(`a chunk of snappy is of the unknown kind ${kind}`)
    at += 4 + length
  }
  return blocks
}
