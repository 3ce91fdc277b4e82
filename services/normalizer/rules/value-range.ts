import type { Series } from '../../../shared/avro/types.ts'

/** Both ends belong to it. */
export interface ValueRange {
  readonly min: number
  readonly max: number
}

/** What lies in both. */
export const narrowed = (
  range: ValueRange | undefined,
  { min = -Infinity, max = Infinity }: { readonly min?: number; readonly max?: number },
): ValueRange => ({
  min: Math.max(range?.min ?? -Infinity, min),
  max: Math.min(range?.max ?? Infinity, max),
})

export const isInRange = (range: ValueRange, value: number) => value >= range.min && value <= range.max

/** The sentence for who finds such a value in the dead-letter topic. */
export const outOfRange = ({ metric }: Series, range: ValueRange, value: number) =>
  `${value} of “${metric.slice(0, 80)}” is not ${describe(range)}, as normalizer.pointRules has it`

const describe = ({ min, max }: ValueRange) =>
  min === -Infinity ? `at most ${max}` : max === Infinity ? `at least ${min}` : `between ${min} and ${max}`
