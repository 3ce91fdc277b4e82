import { textNamed } from '../../../shared/logs/fields.ts'
import type { PlacedLog } from '../../../shared/logs/placed-log.ts'
import { memberOf } from '../set-member.ts'
import { type PointEvents, tellPoint } from '../told-point.ts'
import type { LogRule } from './log-rule-settings.ts'

/** Makes a point of each event: of a field of it that is a number, or any text for a set, or of the event itself, which is then counted. */
export function telling(
  {
    metric,
    value: field,
    tags,
    kind = field === undefined ? 'delta' : 'distribution',
    unit,
  }: NonNullable<LogRule['points']>[number],
  events: PointEvents,
): (log: PlacedLog) => PlacedLog {
  const valueIn = kind === 'set' ? memberIn : numberIn
  const tagsOf = (log: PlacedLog) => tags.map((key) => ({ key, value: fieldOf(log, key) ?? '' }))
  return (log) => {
    const value = field === undefined ? 1 : valueIn(fieldOf(log, field))
    tellPoint(events, () => events.series(metric, tagsOf(log), kind, unit), log.time, value)
    return log
  }
}

/** The service, host or level, or the attribute of this name. */
function fieldOf(log: PlacedLog, name: string): string | undefined {
  if (name === 'service' || name === 'host' || name === 'level') return log[name]
  return textNamed(log.attributes, name)
}

const memberIn = (text = '') => memberOf(Buffer.from(text))

/** Number() would take an empty text for 0, and hexadecimal digits. */
const numberIn = (text = '') =>
  /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : Number.NaN
