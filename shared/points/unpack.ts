import type { PackedPoints, PointBatch } from '../avro/types.ts'
import { readIntegers } from '../avro/varints.ts'
import { asDouble, doubleOf } from './decimals.ts'

/** The same batch with its columns as arrays, however it came. Throws RangeError when packed columns are damaged. */
export function unpacked(batch: PointBatch): PointBatch {
  const { packed } = batch
  if (!packed) return batch
  if (batch.times.length > 0) throw new RangeError('the points are there twice, packed and not')
  return {
    ...batch,
    seriesIndex: summed(integersOf(packed.seriesIndex, packed.count)),
    times: summed(integersOf(packed.times, packed.count)),
    values: valuesOf(packed),
    packed: null,
  }
}

/** Exactly `count` numbers, which must be all of `bytes`. */
function integersOf(bytes: Uint8Array, count: number): number[] {
  // A number out of damaged bytes must not make an array of that size.
  if (count < 0 || count > bytes.length) throw new RangeError(`${bytes.length} bytes for ${count} numbers`)
  const integers = new Array<number>(count)
  if (readIntegers(bytes, 0, integers, 0, count) !== bytes.length)
    throw new RangeError(`${count} numbers do not end with their ${bytes.length} bytes`)
  return integers
}

/** Makes steps, in place, the numbers that they lead to. */
function summed(steps: number[]): number[] {
  let sum = 0
  for (let i = 0; i < steps.length; i++) {
    sum += steps[i]!
    steps[i] = sum
  }
  return steps
}

function valuesOf({ values, doubles, count }: PackedPoints): number[] {
  const found = integersOf(values, count)
  let taken = 0
  for (let i = 0; i < count; i++) {
    const coded = found[i]!
    // Also of numbers beyond 32 bits, and of negative ones, these are the lowest three.
    const decimals = coded & 7
    found[i] = decimals === asDouble ? doubles[taken++]! : doubleOf((coded - decimals) / 8, decimals)
  }
  if (taken !== doubles.length) throw new RangeError(`${taken} of ${doubles.length} doubles were taken`)
  return found
}
