/** More fields of one entity are not looked at together. */
export const maxFields = 16
/** Moments that are remembered. */
export const maxMoments = 256

/** Moments of one entity that are remembered, and one that is compared with them. */
export interface Moments {
  /** Values of `maxFields` fields, one moment after the other; NaN for a field that it lacks. */
  readonly remembered: Float32Array
  /** How many there are. */
  readonly count: number
  /** Of the moment in question. */
  readonly values: ArrayLike<number>
  /** Usual deviations of the fields, above 0. */
  readonly scales: ArrayLike<number>
}

/**
 * How far a moment is, in these fields, from the third nearest of those that are remembered: the distance by which
 * distance-based outliers are ranked (Ramaswamy, Rastogi and Shim, SIGMOD 2000). Not the nearest: one alone may have been
 * an anomaly. Of a moment that lacks a field the others count.
 */
export function distanceOf(
  { remembered, count, values, scales }: Moments,
  fields: readonly number[],
): number {
  let first = Infinity
  let second = Infinity
  let third = Infinity
  for (let moment = 0; moment < count; moment++) {
    const at = moment * maxFields
    let sum = 0
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!
      const away = (values[field]! - remembered[at + field]!) / scales[field]!
      if (!Number.isNaN(away)) sum += away * away
    }
    if (sum >= third) continue
    if (sum < first) {
      third = second
      second = first
      first = sum
    } else if (sum < second) {
      third = second
      second = sum
    } else third = sum
  }
  return third === Infinity ? 0 : Math.sqrt(third)
}

/**
 * What no field shows by itself: how far the moment is in all of these fields together, less the farthest that one of them is
 * alone. 0 when one alone explains it.
 */
export function jointDistance(moments: Moments, fields: readonly number[]): number {
  const together = distanceOf(moments, fields)
  let left = together
  for (const field of fields) {
    if (left <= 0) return 0
    left = Math.min(left, together - distanceOf(moments, [field]))
  }
  return Math.max(0, left)
}
