import { randomBytes } from 'node:crypto'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import snappy from 'snappy'
import { describe, expect, it } from 'vitest'
import { decompress } from '../../../shared/compression/decompress.ts'
import { unpackSnappy } from '../../../shared/compression/snappy.ts'
import { maxUnpackedBytes, registerCodecs } from '../../../shared/kafka/compression.ts'
import kafkajs from '../../../shared/kafka/kafkajs.ts'

interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>
  decompress(bytes: Buffer): Promise<Buffer>
}

registerCodecs()
const bytes = Buffer.from('to and fro '.repeat(1_000))
const codecOf = (name: 'ZSTD' | 'GZIP' | 'Snappy' | 'LZ4') =>
  (kafkajs.CompressionCodecs as unknown as Record<number, () => Codec>)[kafkajs.CompressionTypes[name]]!()

describe('compression', () => {
  it.each(['ZSTD', 'GZIP', 'Snappy', 'LZ4'] as const)('%s there and back', async (name) => {
    const codec = codecOf(name)
    const packed = await codec.compress({ buffer: bytes })
    expect(packed.length).toBeLessThan(bytes.length / 10)
    expect((await codec.decompress(packed)).equals(bytes)).toBe(true)
  })

  it.each([0, 1, 1_000, 100_000, 5_000_000])(
    'takes zstd of %i bytes, whatever they shrink to',
    async (size) => {
      const codec = codecOf('ZSTD')
      for (const plain of [Buffer.alloc(size), randomBytes(size)])
        expect((await codec.decompress(await codec.compress({ buffer: plain }))).equals(plain)).toBe(true)
    },
  )

  it('unpacks zstd to the same, whatever its header says of its length', () => {
    const attempt = (unpack: () => Buffer) => {
      try {
        return unpack().toString('hex')
      } catch {
        return 'refused'
      }
    }
    const frame = fc
      .tuple(fc.uint8Array({ maxLength: 700 }), fc.nat(4))
      .map(([part, times]) => zstdCompressSync(Buffer.concat(Array(times).fill(part))))
    const damage = fc.array(fc.tuple(fc.nat(20), fc.nat(255)), { maxLength: 2 })
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 2 }), damage, (frames, changes) => {
        const packed = Buffer.concat(frames)
        for (const [at, byte] of changes) if (at < packed.length) packed[at] = byte
        expect(attempt(() => decompress('zstd', packed, 100_000))).toBe(
          attempt(() => zstdDecompressSync(packed, { maxOutputLength: 100_000 })),
        )
      }),
      { numRuns: 1_000 },
    )
  })

  it('reads the blocks that Java clients make of snappy', () => {
    const header = Buffer.concat([
      Buffer.from([0x82]),
      Buffer.from('SNAPPY\0'),
      Buffer.from([0, 0, 0, 1, 0, 0, 0, 1]),
    ])
    const block = (part: Buffer) => {
      const packed = snappy.compressSync(part)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(packed.length)
      return Buffer.concat([length, packed])
    }
    expect(
      unpackSnappy(
        Buffer.concat([header, block(bytes.subarray(0, 5_000)), block(bytes.subarray(5_000))]),
        maxUnpackedBytes,
      ).equals(bytes),
    ).toBe(true)
  })

  it.each(['ZSTD', 'GZIP', 'Snappy', 'LZ4'] as const)('%s: a bomb is not unpacked', async (name) => {
    const codec = codecOf(name)
    const packed = await codec.compress({ buffer: Buffer.alloc(maxUnpackedBytes + 1) })
    expect(packed.length).toBeLessThan(maxUnpackedBytes / 15)
    await expect(codec.decompress(packed)).rejects.toThrow(/unpacks to more than 134217728 bytes/)
  })

  it('snappy is not trusted about a length that it does not have', () => {
    const claimsGigabytes = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00])
    expect(() => unpackSnappy(claimsGigabytes, maxUnpackedBytes)).toThrow(/unpacks to more than/)
  })
})
