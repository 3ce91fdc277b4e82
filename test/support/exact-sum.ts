/** The double nearest to the sum of finite doubles, by adding them up as whole numbers of 2^-1074. */
export function exactSum(values: readonly number[]): number {
  const units = values.reduce((sum, value) => sum + unitsOf(value), 0n)
  const size = units < 0n ? -units : units
  // More than 64 bits are cut off at their end, which only decides how to round: whether anything was there.
  const cut = BigInt(Math.max(0, size.toString(2).length - 64))
  const rest = size & ((1n << cut) - 1n)
  const leading = (size >> cut) | (rest > 0n ? 1n : 0n)
  let value = Number(leading)
  for (let power = Number(cut) - 1074; power !== 0; ) {
    const step = Math.max(-1000, Math.min(1000, power))
    value *= 2 ** step
    power -= step
  }
  return units < 0n ? -value : value
}

function unitsOf(value: number): bigint {
  const bits = new BigUint64Array(Float64Array.of(value).buffer)[0]!
  const exponent = (bits >> 52n) & 0x7ffn
  const mantissa = bits & 0xfffffffffffffn
  const size = exponent === 0n ? mantissa : (mantissa | (1n << 52n)) << (exponent - 1n)
  return value < 0 ? -size : size
}
