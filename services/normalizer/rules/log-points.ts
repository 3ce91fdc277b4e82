import type { LogRecord, SeriesKind, Tag } from '../../../shared/avro/types.ts'
import { BadRecordError } from '../../../shared/errors.ts'
import type { Events } from '../format.ts'
import type { LogRule } from './log-rule-settings.ts'
import { isInRange } from './value-range.ts'

/** A point that a log event tells. */
interface LogPoint {
  readonly metric: string
  readonly tags: readonly Tag[]
  readonly kind: SeriesKind
  readonly unit: string
  /** NaN when the event has no number there. */
  readonly value: number
}

/** Where such points go. */
export type PointEvents = Pick<Events, 'series' | 'timeProblem' | 'point' | 'skipField'>

/** Makes a point of each event; one that can't be made is passed over and counted, for the event itself has nothing wrong. */
export function telling(
  rule: NonNullable<LogRule['points']>[number],
  events: PointEvents,
): (log: LogRecord) => LogRecord {
  const read = pointOf(rule)
  return (log) => {
    const { metric, tags, kind, unit, value } = read(log)
    try {
      const series = events.series(metric, tags, kind, unit)
      const { limit } = series
      const isOutside = typeof limit === 'object' && !isInRange(limit, value)
      if (!Number.isFinite(value) || isOutside || events.timeProblem(log.time)) events.skipField(1)
      else events.point(series, log.time, value)
    } catch (error) {
      if (!(error instanceof BadRecordError)) throw error
      events.skipField(1)
    }
    return log
  }
}

/** What events become when one field of them is a number, or when they are counted. */
function pointOf({
  metric,
  value: field,
  tags,
  kind = field === undefined ? 'delta' : 'distribution',
  unit,
}: NonNullable<LogRule['points']>[number]): (log: LogRecord) => LogPoint {
  return (log) => ({
    metric,
    tags: tags.map((key) => ({ key, value: fieldOf(log, key) ?? '' })),
    kind,
    unit,
    value: field === undefined ? 1 : numberIn(fieldOf(log, field)),
  })
}

/** The service, host or level, or the attribute of this name. */
function fieldOf(log: LogRecord, name: string): string | undefined {
  if (name === 'service' || name === 'host' || name === 'level') return log[name]
  return Object.hasOwn(log.attributes, name) ? log.attributes[name] : undefined
}

/** Number() would take an empty text for 0, and hexadecimal digits. */
const numberIn = (text = '') =>
  /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : Number.NaN
