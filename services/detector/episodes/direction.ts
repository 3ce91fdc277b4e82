import type { Direction, Meeting, Peak } from '../../../shared/avro/types.ts'

/** On which side of what is normal a value lies; of a series that has stopped, on neither. `meeting` is that with a limit ahead. */
export function directionOf(
  { kind, value, lower, upper }: Pick<Peak, 'kind' | 'value' | 'lower' | 'upper'>,
  meeting: Meeting | null | undefined,
): Direction {
  if (kind === 'missing') return 'none'
  if (value > upper) return 'above'
  if (value < lower) return 'below'
  // What drifts slowly is always about where it is expected.
  if (!meeting) return 'none'
  return meeting.limit > value ? 'above' : 'below'
}
