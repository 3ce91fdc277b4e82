import { Fingerprint } from './duplicates/fingerprint.ts'

const print = new Fingerprint()

/** So that a member has nothing in common with what duplicates are known by. */
const seed = 6

/**
 * What stands for a member of a set: 48 bits of a hash of its bytes, as a whole number, which takes no more room among the
 * values of points than a large counter does. It must never change: windows of before and after would not have the same members.
 * NaN where there is no member.
 */
export function memberOf(bytes: Uint8Array): number {
  if (bytes.length === 0) return Number.NaN
  const { high, low } = print.begin(0, seed).bytes(bytes).end()
  return (high >>> 0) * 2 ** 16 + (low >>> 16)
}
