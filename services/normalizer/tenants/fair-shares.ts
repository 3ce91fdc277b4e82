/** What someone would take, and how much it counts among the others. */
export interface Claim {
  /** A whole number. */
  readonly want: number
  readonly weight: number
  /** Decides between equals, so that the order of the claims does not matter. */
  readonly key: string
}

/**
 * Divides a whole number by weighted max-min fairness: nobody gets more than it wants, and what one does not want is
 * divided among the others by their weights (progressive filling; Bertsekas and Gallager, Data Networks, 6.5.2).
 * Answers in the order of the claims.
 */
export function fairShares(total: number, claims: readonly Claim[]): readonly number[] {
  const shares = claims.map(() => 0)
  const inOrder = claims.map((_, index) => index).sort((a, b) => compare(claims[a]!, claims[b]!))
  let left = total
  let weightLeft = claims.reduce((sum, { weight }) => sum + weight, 0)
  // The most modest first: once one wants more than its share, so do all behind it.
  for (const index of inOrder) {
    const { want, weight } = claims[index]!
    const share = Math.min(want, Math.floor((left * weight) / weightLeft))
    shares[index] = share
    left -= share
    weightLeft -= weight
  }
  return shares
}

const compare = (a: Claim, b: Claim) =>
  a.want * b.weight - b.want * a.weight || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
