import { textNamed, withFields } from '../../../shared/logs/fields.ts'
import type { PlacedLog } from '../../../shared/logs/placed-log.ts'
import { hashText } from '../../../shared/series/series.ts'
import type { Events } from '../format.ts'
import type { Budgets } from './budgets.ts'
import type { LogRule } from './log-rule-settings.ts'

/** The attribute of a kept event that says which share of its like is kept, so that counts can be made whole. */
const ratioAttribute = 'tidemark.sample_ratio'

/** The time of the record that is being read, and the id of an event. */
export interface Clock extends Pick<Events, 'defaultTime'> {
  idOf(log: PlacedLog): string
}

/** Keeps some of the events, by their ids, so that the same are kept at every replay. */
export function sampling(
  rule: number,
  { ratio, perSecond, by }: NonNullable<LogRule['sample']>,
  budgets: Budgets,
  clock: Clock,
): (log: PlacedLog) => PlacedLog | undefined {
  if (perSecond === undefined)
    return (log) => (drawOf(rule, clock.idOf(log)) < ratio! ? weighed(log, ratio!) : undefined)
  return (log) => {
    const share = budgets.take(
      { rule, perSecond },
      by ? log[by] : '',
      clock.defaultTime,
      drawOf(rule, clock.idOf(log)),
    )
    return share === undefined ? undefined : weighed(log, share)
  }
}

/** From 0 to below 1; of another rule another, so that two rules one after the other keep a share of a share. */
const drawOf = (rule: number, id: string) => hashText(`${rule}/${id}`) / 2 ** 32

function weighed(log: PlacedLog, ratio: number): PlacedLog {
  if (ratio === 1) return log
  const before = Number(textNamed(log.attributes, ratioAttribute) ?? 1)
  const product = Number.isFinite(before) ? before * ratio : ratio
  return { ...log, attributes: withFields(log.attributes, { [ratioAttribute]: String(product) }) }
}
