import { textNamed } from '../../../shared/logs/fields.ts'
import type { PlacedLog } from '../../../shared/logs/placed-log.ts'
import { type PointEvents, type ToldPoint, tellPoint } from '../told-point.ts'
import type { LogRule } from './log-rule-settings.ts'

/** Makes a point of each event. */
export function telling(
  rule: NonNullable<LogRule['points']>[number],
  events: PointEvents,
): (log: PlacedLog) => PlacedLog {
  const read = pointOf(rule)
  return (log) => {
    tellPoint(events, read(log))
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
}: NonNullable<LogRule['points']>[number]): (log: PlacedLog) => ToldPoint {
  return (log) => ({
    metric,
    tags: tags.map((key) => ({ key, value: fieldOf(log, key) ?? '' })),
    kind,
    unit,
    value: field === undefined ? 1 : numberIn(fieldOf(log, field)),
    time: log.time,
  })
}

/** The service, host or level, or the attribute of this name. */
function fieldOf(log: PlacedLog, name: string): string | undefined {
  if (name === 'service' || name === 'host' || name === 'level') return log[name]
  return textNamed(log.attributes, name)
}

/** Number() would take an empty text for 0, and hexadecimal digits. */
const numberIn = (text = '') =>
  /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : Number.NaN
