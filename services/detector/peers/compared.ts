/** What stands beside the value of a member. */
export interface Compared {
  /** By how much it differs from what its siblings have, their own usual differences taken off. */
  readonly difference: number
  /** The logarithm of the factor; NaN where there is none, for not all values are above 0. */
  readonly ratio: number
  /** What it should have by what its siblings have, with what it has more or less than they in the long run. */
  readonly expected: number
  /** The same of the range in which most of them are. */
  readonly lower: number
  readonly upper: number
}
