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

/** As a person reads it. */
export const describeRange = ({ min, max }: ValueRange) =>
  min === -Infinity ? `at most ${max}` : max === Infinity ? `at least ${min}` : `between ${min} and ${max}`
