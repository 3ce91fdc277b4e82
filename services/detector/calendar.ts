import { z } from 'zod'
import type { Series } from '../../shared/avro/types.ts'
import type { Mistake } from '../../shared/config/section.ts'
import { type Selector, selectorSchema, selects } from '../../shared/series/selector.ts'
import type { EventTime } from '../../shared/stream/task.ts'

const dayMs = 86_400_000
const periods = { day: dayMs, week: 7 * dayMs } as const

/** A time in which some series may do as they like, in the configuration. */
export const calendarEntrySchema = z.strictObject({
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  every: z.enum(['day', 'week', 'year']).optional(),
  metric: selectorSchema.shape.metric.default('*'),
  where: selectorSchema.shape.where,
})

type CalendarEntry = z.output<typeof calendarEntrySchema>

/** Such a time; it comes again each `every`, in UTC, from its first time on. */
export interface FreeTime extends Selector {
  readonly from: EventTime
  readonly to: EventTime
  readonly every: CalendarEntry['every']
}

export const calendarOf = (entries: readonly CalendarEntry[]): readonly FreeTime[] =>
  entries.map(({ from, to, every, metric, where }) => ({
    ...{ from: Date.parse(from), to: Date.parse(to), every, metric, where },
  }))

/** What of the calendar is about this series. */
export const freeTimesOf = (calendar: readonly FreeTime[], series: Series): readonly FreeTime[] =>
  calendar.filter((entry) => selects(entry, series))

/** Whether a window has a part in one of these times. */
export function isFree(times: readonly FreeTime[], start: EventTime, sizeMs: number): boolean {
  for (const time of times) if (overlaps(time, start, sizeMs)) return true
  return false
}

function overlaps({ from, to, every }: FreeTime, start: EventTime, sizeMs: number): boolean {
  const end = start + sizeMs
  if (end <= from) return false
  if (every === undefined) return start < to
  if (every !== 'year') {
    // Since the latest time that began before the end of the window.
    const begun = end - 1 - ((end - 1 - from) % periods[every])
    return start < begun + (to - from)
  }
  const year = new Date(end - 1).getUTCFullYear()
  return [year, year - 1].some((one) => {
    const begun = new Date(from).setUTCFullYear(one)
    return begun >= from && end > begun && start < begun + (to - from)
  })
}

/** Times that end before they begin, or come again before they are over. */
export function* calendarMistakes(entries: readonly CalendarEntry[]): Generator<Mistake> {
  for (const [i, { from, to, every }] of entries.entries()) {
    const lengthMs = Date.parse(to) - Date.parse(from)
    if (lengthMs <= 0)
      yield { path: ['calendar', i, 'to'], message: `it is not after ${from}, when it begins` }
    const longest = every === 'day' || every === 'week' ? periods[every] : 365 * dayMs
    if (every && lengthMs > longest)
      yield { path: ['calendar', i, 'every'], message: `it lasts longer than a ${every}` }
  }
}
