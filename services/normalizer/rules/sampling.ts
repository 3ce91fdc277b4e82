import type { LogRecord } from '../../../shared/avro/types.ts'
import { hashText } from '../../../shared/series/series.ts'
import type { Events } from '../format.ts'
import type { Budgets } from './budgets.ts'
import type { LogRule } from './log-rule-settings.ts'

/** The attribute of a kept event that says which share of its like is kept, so that counts can be made whole. */
const ratioAttribute = 'tidemark.sample_ratio'

/** The time of the record that is being read. */
export type Clock = Pick<Events, 'defaultTime'>

/** Keeps some of the events, by their ids, so that the same are kept at every replay. */
export function sampling(
  rule: number,
  { ratio, perSecond, by }: NonNullable<LogRule['sample']>,
  budgets: Budgets,
  clock: Clock,
): (log: LogRecord) => LogRecord | undefined {
  if (perSecond === undefined) return (log) => (drawOf(rule, log) < ratio! ? weighed(log, ratio!) : undefined)
  return (log) => {
    const share = budgets.take({ rule, perSecond }, by ? log[by] : '', clock.defaultTime, drawOf(rule, log))
    return share === undefined ? undefined : weighed(log, share)
  }
}

/** From 0 to below 1; of another rule another, so that two rules one after the other keep a share of a share. */
const drawOf = (rule: number, { id }: LogRecord) => hashText(`${rule}/${id}`) / 2 ** 32

function weighed(log: LogRecord, ratio: number): LogRecord {
  if (ratio === 1) return log
  const before = Number(log.attributes[ratioAttribute] ?? 1)
  const product = Number.isFinite(before) ? before * ratio : ratio
  return { ...log, attributes: { ...log.attributes, [ratioAttribute]: String(product) } }
}
