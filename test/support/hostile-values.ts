import fc from 'fast-check'

/** JSON values of these leaves, in lists, and in objects with these keys. */
export function anyNested(keys: readonly string[], leaves: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(...leaves),
      fc.array(tie('any'), { maxLength: 3 }),
      fc
        .array(fc.tuple(fc.constantFrom(...keys), tie('any')), { maxLength: 8 })
        .map((pairs) => Object.fromEntries(pairs)),
    ),
  })).any
}

/** These bytes, cut off somewhere, and with another byte in one place. */
export const anyDamaged = (bytes: Buffer): fc.Arbitrary<Buffer> =>
  fc.tuple(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length)).map(([at, byte, length]) => {
    const damaged = Buffer.from(bytes.subarray(0, length))
    if (at < length) damaged[at] = byte
    return damaged
  })
