/** Any sum of doubles is a whole number of these: of 2^-1074, the smallest double. */
export type Units = bigint

const view = new DataView(new ArrayBuffer(8))

export function toUnits(value: number): Units {
  view.setFloat64(0, value)
  const high = view.getUint32(0)
  const exponent = (high >>> 20) & 0x7ff
  const mantissa =
    (BigInt((high & 0xfffff) + (exponent === 0 ? 0 : 0x100000)) << 32n) | BigInt(view.getUint32(4))
  const units = mantissa << BigInt(Math.max(0, exponent - 1))
  return value < 0 ? -units : units
}

/** The double nearest to it, ties to even; infinite beyond the largest. */
export function fromUnits(units: Units): number {
  const magnitude = units < 0n ? -units : units
  const spare = Math.max(0, magnitude.toString(16).length * 4 - 60)
  // What is cut off still decides ties: it stays as a last bit that is set.
  const top = magnitude >> BigInt(spare)
  const exact = top << BigInt(spare) === magnitude
  const rounded = Number(exact ? top : top | 1n)
  const value = rounded * 2 ** (spare - 1074)
  return units < 0n ? -value : value
}
