import type { Terms } from './terms.ts'

/** What a tenant has used and not paid back yet. */
export interface Account {
  terms: Terms
  points: number
  bytes: number
  /** Fingerprints of those that it has shown in this window. */
  readonly series: Set<number>
  /** Its place is another's now. */
  isClosed: boolean
}
