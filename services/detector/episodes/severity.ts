import type { Severity } from '../../../shared/avro/types.ts'

/** How rare a window must be, once in so many, for an incident of each severity. */
export interface Rarities {
  readonly warningOneIn: number
  readonly majorOneIn: number
  readonly criticalOneIn: number
}

/** The likelihood of a window that comes once in so many. */
export const likelihoodOf = (oneIn: number) => 1 - 1 / oneIn

/** Of an incident with this likelihood at its peak, from the least on that is one at all. */
export function severityOf(likelihood: number, { majorOneIn, criticalOneIn }: Rarities): Severity {
  if (likelihood >= likelihoodOf(criticalOneIn)) return 'critical'
  return likelihood >= likelihoodOf(majorOneIn) ? 'major' : 'warning'
}
