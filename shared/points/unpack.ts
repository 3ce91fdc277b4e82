import type { PackedPoints, PointBatch } from '../avro/types.ts'
import { VarintReader } from '../avro/varints.ts'
import { asDouble, doubleOf } from './decimals.ts'

/** The same batch with its columns as arrays, however it came. Throws RangeError when packed columns are damaged. */
export function unpacked(batch: PointBatch): PointBatch {
  const { packed } = batch
  if (!packed) return batch
  if (batch.times.length > 0) throw new RangeError('the points are there twice, packed and not')
  return {
    ...batch,
    seriesIndex: column(packed.seriesIndex, packed.count, readIndexes),
    times: column(packed.times, packed.count, readTimes),
    values: valuesOf(packed),
    packed: null,
  }
}

/** `count` numbers, which must be all of `bytes`. */
function column(
  bytes: Uint8Array,
  count: number,
  read: (from: VarintReader, into: number[]) => void,
): number[] {
  // A number out of damaged bytes must not make an array of that size.
  if (count < 0 || count > bytes.length) throw new RangeError(`${bytes.length} bytes for ${count} numbers`)
  const numbers = new Array<number>(count)
  const reader = new VarintReader(bytes)
  read(reader, numbers)
  if (!reader.isAtEnd) throw new RangeError(`${count} numbers do not end with their ${bytes.length} bytes`)
  return numbers
}

function valuesOf({ values, doubles, count }: PackedPoints): number[] {
  let taken = 0
  const numbers = column(values, count, (from, into) => {
    taken = readValues(from, into, doubles)
  })
  if (taken !== doubles.length) throw new RangeError(`${taken} of ${doubles.length} doubles belong to values`)
  return numbers
}

// A loop for each column, and nothing else in its function: V8 learns the type of each, and compiles it while it runs.

function readIndexes(from: VarintReader, into: number[]): void {
  let index = 0
  for (let i = 0; i < into.length; i++) {
    index = (index + from.next()) | 0
    into[i] = index
  }
}

function readTimes(from: VarintReader, into: number[]): void {
  let time = 0
  for (let i = 0; i < into.length; i++) {
    time += from.next()
    into[i] = time
  }
}

/** Answers how many of the doubles were used. */
function readValues(from: VarintReader, into: number[], doubles: readonly number[]): number {
  let used = 0
  for (let i = 0; i < into.length; i++) {
    const coded = from.next()
    // Also of numbers beyond 32 bits, and of negative ones, these are the lowest three.
    const decimals = coded & 7
    into[i] = decimals === asDouble ? doubles[used++]! : doubleOf((coded - decimals) / 8, decimals)
  }
  return used
}
