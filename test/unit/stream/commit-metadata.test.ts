import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeCommitMetadata, encodeCommitMetadata } from '../../../shared/stream/commit-metadata.ts'

describe('commit metadata', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.string({ maxLength: 500 }), (emitted, memo) => {
        expect(decodeCommitMetadata(encodeCommitMetadata({ emitted, memo }))).toEqual({ emitted, memo })
      }),
    )
  })

  it.each(['', 'consumer-1', '2:5:x', '1:x:', '1:5'])('is told from what others write: “%s”', (text) => {
    expect(decodeCommitMetadata(text)).toBeUndefined()
  })

  it('is never longer than a broker takes', () => {
    expect(() => encodeCommitMetadata({ emitted: 1, memo: 'ü'.repeat(2_100) })).toThrow(
      /takes 4204 bytes, and a commit holds 4096/,
    )
  })
})
