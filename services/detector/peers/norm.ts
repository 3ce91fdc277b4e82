import type { Compared } from './compared.ts'

/** How a member usually differs from its siblings. */
export interface Norm {
  /** By how much, lately. */
  readonly difference: number
  /** By which factor, lately: its natural logarithm. */
  readonly ratio: number
  /** By how much in the long run: what lasts for hours changes it little. */
  readonly usual: number
  /** How many windows say so, of differences and of ratios. */
  readonly differences: number
  readonly ratios: number
}

export const unknownNorm: Norm = { difference: 0, ratio: 0, usual: 0, differences: 0, ratios: 0 }

/** Windows after which a norm may be believed. */
export const enoughWindows = 16
/** Windows that have most of the weight, lately and in the long run. */
const shortMemory = 256
const longMemory = 4_096
/** The first windows are learnt as they are. */
const firstWindows = 64

/** After one more window, in which the member had `value`. */
export function learnt(norm: Norm, value: number, compared: Compared): Norm {
  const { difference, ratio, expected, lower, upper } = compared
  const differences = Math.min(longMemory, norm.differences + 1)
  const hasRatio = Number.isFinite(ratio)
  const ratios = hasRatio ? Math.min(shortMemory, norm.ratios + 1) : norm.ratios
  const width = differences > firstWindows ? upper - lower : Number.POSITIVE_INFINITY
  const away = Math.max(-width, Math.min(width, value - expected))
  return {
    difference: norm.difference + (difference - norm.difference) / Math.min(shortMemory, differences),
    ratio: hasRatio ? norm.ratio + (ratio - norm.ratio) / ratios : norm.ratio,
    usual: norm.usual + away / differences,
    differences,
    ratios,
  }
}

export const numbersOf = ({ difference, ratio, usual, differences, ratios }: Norm): readonly number[] => [
  difference,
  ratio,
  usual,
  differences,
  ratios,
]

/** Throws RangeError when they are none. */
export function normOf(numbers: readonly number[]): Norm {
  const [difference, ratio, usual, differences, ratios] = numbers
  if (numbers.length !== 5 || !numbers.every(Number.isFinite)) throw new RangeError('no norm of a member')
  return {
    difference: difference!,
    ratio: ratio!,
    usual: usual!,
    differences: differences!,
    ratios: ratios!,
  }
}
