/**
 * The buckets of OpenTelemetry's exponential histogram: at scale s, bucket i holds (base^i, base^(i+1)] with base
 * 2^(2^-s). Merging neighbours, i >> 1, gives the buckets of scale s - 1.
 */
export const finestScale = 6
export const coarsestScale = -10

const perOctave = 2 ** finestScale

/** Of the smallest subnormal, 2^-1074, and of the largest double, at the finest scale. */
const lowestIndex = -1074 * perOctave - 1
const highestIndex = 1024 * perOctave - 1

const float = new Float64Array(1)
const bits = new Uint32Array(float.buffer)
/** Where a double has the lower 32 bits of its mantissa: this depends on the machine. */
const lowWord = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 0 : 1
const highWord = 1 - lowWord

/**
 * The upper bounds within one octave, 2^(j/64) for j = 0 to 64, rounded down, so that x <= bounds[j] says the same as
 * x <= 2^(j/64) for every double x. Found in integers: libraries differ in the last bit of a power.
 */
const bounds = Float64Array.from({ length: perOctave + 1 }, (_, j) => {
  const atMost = (mantissa: bigint) => mantissa ** BigInt(perOctave) <= 1n << BigInt(52 * perOctave + j)
  let mantissa = BigInt(Math.round(2 ** (j / perOctave + 52)))
  while (!atMost(mantissa)) mantissa--
  while (atMost(mantissa + 1n)) mantissa++
  return Number(mantissa) / 2 ** 52
})

/** The two halves of the bounds' mantissas, to compare without making a double. */
const boundHigh = new Uint32Array(perOctave + 1)
const boundLow = new Uint32Array(perOctave + 1)
bounds.forEach((bound, j) => {
  float[0] = bound
  // The last one is 2, which no mantissa exceeds.
  boundHigh[j] = j === perOctave ? 0x100000 : bits[highWord]! & 0xfffff
  boundLow[j] = bits[lowWord]!
})

/** By the top 8 bits of a mantissa: how many bounds lie below all mantissas that begin so. There is at most one more among them. */
const boundsBelow = Uint8Array.from(
  { length: 256 },
  (_, cell) => bounds.filter((bound) => bound < 1 + cell / 256).length,
)

/** The bucket of a finite number above 0, at the finest scale. */
function bucketOf(value: number): number {
  float[0] = value
  let high = bits[highWord]!
  let octave = (high >>> 20) - 1023
  if (octave === -1023) {
    float[0] = value * 2 ** 64
    high = bits[highWord]!
    octave = (high >>> 20) - 1023 - 64
  }
  high &= 0xfffff
  const below = boundsBelow[high >>> 12]!
  const bound = boundHigh[below]!
  const above = high > bound || (high === bound && bits[lowWord]! > boundLow[below]!)
  return octave * perOctave + below + (above ? 0 : -1)
}

/** The largest double in or below a bucket; for the last bucket that is the largest of all. */
function upperBound(index: number, scale: number): number {
  const next = (index + 1) * 2 ** (finestScale - scale)
  if (next > highestIndex) return Number.MAX_VALUE
  return scaled(bounds[next & (perOctave - 1)]!, Math.floor(next / perOctave))
}

/** The value that is as far from one end of its bucket as from the other, relative to each: 2 base^i base^(i+1) / (base^i + base^(i+1)). */
function bucketValue(index: number, scale: number): number {
  const first = index * 2 ** (finestScale - scale)
  return scaled(
    bounds[first & (perOctave - 1)]! * middles[finestScale - scale]!,
    Math.floor(first / perOctave),
  )
}

const middles = Float64Array.from(
  { length: finestScale - coarsestScale + 1 },
  (_, level) => 2 / (1 + 2 ** (-(2 ** level) / perOctave)),
)

/** value · 2^exponent, rounded once. */
function scaled(value: number, exponent: number): number {
  if (exponent > 1023) return value * 2 ** 1023 * 2 ** (exponent - 1023)
  return exponent < -1022 ? value * 2 ** (exponent + 200) * 2 ** -200 : value * 2 ** exponent
}

/**
 * A key is a bucket with its sign in one number above 0, so that keys are in the order of the values they stand for:
 * negative buckets below `zeroKey`, positive ones above. It fits 19 bits.
 */
export const zeroKey = 1 + highestIndex - lowestIndex + 1
const toRank = 1 - lowestIndex

export const positiveKey = (index: number): number => zeroKey + toRank + index
export const negativeKey = (index: number): number => zeroKey - toRank - index

/** Of any finite number, at the finest scale less `level`. */
export function keyOf(value: number, level: number): number {
  if (value > 0) return zeroKey + toRank + (bucketOf(value) >> level)
  return value < 0 ? zeroKey - toRank - (bucketOf(-value) >> level) : zeroKey
}

/** The key of the bucket that holds this one's after `levels` more merges of neighbours. */
export function coarserKey(key: number, levels: number): number {
  if (key > zeroKey) return zeroKey + toRank + ((key - zeroKey - toRank) >> levels)
  return key < zeroKey ? zeroKey - toRank - ((zeroKey - toRank - key) >> levels) : zeroKey
}

/** The bucket's index, whatever its sign. Not for zero. */
export const indexOfKey = (key: number): number => (key > zeroKey ? key - zeroKey : zeroKey - key) - toRank

/** Whether it is a key at the finest scale less `level`. */
export function keyExists(key: number, level: number): boolean {
  const index = Math.abs(key - zeroKey) - toRank
  return key === zeroKey || (index >= lowestIndex >> level && index <= highestIndex >> level)
}

export function keyValue(key: number, level: number): number {
  if (key === zeroKey) return 0
  const value = bucketValue(indexOfKey(key), finestScale - level)
  return key > zeroKey ? value : -value
}

/** The largest double of a key's bucket at the finest scale; below 0 the next bucket's smallest, which is as good as. */
export function largestOfKey(key: number): number {
  if (key === zeroKey) return 0
  return key > zeroKey
    ? upperBound(indexOfKey(key), finestScale)
    : -upperBound(indexOfKey(key) - 1, finestScale)
}
