import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import lz4 from 'lz4-napi'
import snappy from 'snappy'
import { describe, expect, it } from 'vitest'
import { unpacked } from '../../../../services/normalizer/content-encoding.ts'
import { BadRecordError } from '../../../../shared/errors.ts'
import { normalize, now } from '../../../support/normalize.ts'

const max = 1_000_000
const line = `m v=1 ${now}000000\n`
const text = Buffer.from(line.repeat(2_000))

/** A chunk of snappy's framing format; the checksum is not looked at. */
function chunk(kind: number, body: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head[0] = kind
  head.writeUIntLE(body.length, 1, 3)
  return Buffer.concat([head, body])
}
const checksum = Buffer.alloc(4)
const framed = (bytes: Buffer) =>
  Buffer.concat([
    chunk(0xff, Buffer.from('sNaPpY')),
    chunk(0x00, Buffer.concat([checksum, snappy.compressSync(bytes.subarray(0, 9_000))])),
    chunk(0xfe, Buffer.from('padding')),
    chunk(0x01, Buffer.concat([checksum, bytes.subarray(9_000)])),
  ])

const packings: readonly (readonly [string, (bytes: Buffer) => Buffer, string | undefined])[] = [
  ['nothing', (bytes) => bytes, undefined],
  ['gzip', gzipSync, undefined],
  ['zstd', zstdCompressSync, undefined],
  ['lz4', (bytes) => lz4.compressFrameSync(bytes), undefined],
  ['framed snappy', framed, undefined],
  ['a block of snappy', (bytes) => snappy.compressSync(bytes), 'snappy'],
  ['deflate', deflateSync, 'deflate'],
  ['deflate without its header', deflateRawSync, ' Deflate '],
  ['nothing, although the header says gzip', (bytes) => bytes, 'gzip'],
  ['nothing, as the header says', (bytes) => bytes, 'identity'],
]

describe('what an agent has packed', () => {
  it.each(packings)('%s', (_, pack, header) => {
    expect(unpacked(pack(text), header, max).equals(text)).toBe(true)
  })

  it.each(packings)('%s, through the task', (_, pack, header) => {
    const headers: Record<string, Buffer> = header ? { 'content-encoding': Buffer.from(header) } : {}
    expect(normalize([pack(text)], { headers }).points).toHaveLength(2_000)
  })

  it.each(packings.slice(1, -2))('%s that would grow too large is refused', (_, pack, header) => {
    expect(() => unpacked(pack(Buffer.alloc(200_000)), header, 100_000)).toThrow(
      new BadRecordError('too_large', 'it unpacks to more than 100000 bytes (normalizer.maxUnpackedBytes)'),
    )
  })

  it.each(packings.slice(1, -2))('%s that is cut off is refused', (_, pack, header) => {
    const bytes = pack(text)
    expect(() => unpacked(bytes.subarray(0, bytes.length - 40), header, max)).toThrow(/^not /)
  })

  it('costs a record and no more, whatever the bytes', () => {
    const beginnings = packings.map(([, pack]) => pack(text).subarray(0, 12))
    fc.assert(
      fc.property(
        fc.constantFrom(...beginnings),
        fc.uint8Array({ maxLength: 100 }),
        fc.constantFrom('snappy', 'deflate', undefined),
        (beginning, rest, header) => {
          try {
            unpacked(Buffer.concat([beginning, rest]), header, max)
          } catch (error) {
            expect(error).toBeInstanceOf(BadRecordError)
          }
        },
      ),
      { numRuns: 2_000 },
    )
  })
})
