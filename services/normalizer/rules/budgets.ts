import { hashText } from '../../../shared/series/series.ts'

/** Groups whose events are counted at a time; those beyond share one. */
const maxGroups = 24
/** Characters of the memo at most. */
export const maxBudgetMemo = 750

interface Group {
  second: number
  /** Events of this second, and how many of them were kept. */
  seen: number
  kept: number
  /** Events of the second before. */
  before: number
}

/**
 * Thins out log events to so many a second: each is kept with the chance that would have been right in the second before,
 * until the budget is spent. Seconds are those of the log's own timestamps, and what is counted is in `memo`, so that after
 * a restart, and at every replay, the same events are kept.
 */
export class Budgets {
  readonly #groups = new Map<string, Group>()
  /** The latest that was seen: the log's clock may go back, time does not. */
  #second = 0

  /** `memo` is the `memo` of the budgets before. Throws RangeError when it is damaged. */
  constructor(memo = '') {
    if (memo === '') return
    const [second, ...groups] = memo.split(',')
    this.#second = numberOf(second!)
    for (const text of groups) {
      const [key, ...numbers] = text.split('.')
      if (numbers.length !== 4)
        throw new RangeError(`“${text.slice(0, 40)}” is not what a budget has counted`)
      const [ago, seen, kept, before] = numbers.map(numberOf) as [number, number, number, number]
      this.#groups.set(key!, { second: this.#second - ago, seen, kept, before })
    }
  }

  /**
   * The share of its like that is kept, if this event is, else undefined. `timestamp` is in milliseconds; `draw` is the
   * event's own, from 0 to below 1.
   */
  take(budget: Budget, group: string, timestamp: number, draw: number): number | undefined {
    this.#second = Math.max(this.#second, Math.floor(timestamp / 1_000))
    const counts = this.#countsOf(budget.rule, group)
    const share = Math.min(1, budget.perSecond / Math.max(1, counts.before))
    counts.seen++
    if (draw >= share || counts.kept >= budget.perSecond) return undefined
    counts.kept++
    return share
  }

  get memo(): string {
    this.#forgetOld()
    if (this.#groups.size === 0) return ''
    const groups = [...this.#groups].map(([key, { second, seen, kept, before }]) =>
      [key, ...[this.#second - second, seen, kept, before].map(textOf)].join('.'),
    )
    return [textOf(this.#second), ...groups].join()
  }

  #countsOf(rule: number, name: string): Group {
    let key = keyOf(rule, name)
    let group = this.#groups.get(key)
    if (!group && this.#groups.size >= maxGroups) {
      this.#forgetOld()
      if (this.#groups.size >= maxGroups) {
        // One for all rules: the map must not grow on.
        key = sharedKey
        group = this.#groups.get(key)
      }
    }
    if (!group) {
      group = { second: this.#second, seen: 0, kept: 0, before: 0 }
      this.#groups.set(key, group)
    }
    if (group.second < this.#second) {
      group.before = group.second === this.#second - 1 ? group.seen : 0
      group.second = this.#second
      group.seen = 0
      group.kept = 0
    }
    return group
  }

  /** What was counted more than a second ago says nothing any more. */
  #forgetOld(): void {
    for (const [key, { second }] of this.#groups) if (second < this.#second - 1) this.#groups.delete(key)
  }
}

interface Budget {
  /** Where its rule stands in the list. */
  readonly rule: number
  readonly perSecond: number
}

const sharedKey = '-'
const keyOf = (rule: number, name: string) => textOf(rule) + hashText(name).toString(36).padStart(7, '0')

const textOf = (number: number) => number.toString(36)

function numberOf(text: string): number {
  const number = /^[\da-z]{1,11}$/.test(text) ? Number.parseInt(text, 36) : Number.NaN
  if (!Number.isSafeInteger(number)) throw new RangeError(`“${text.slice(0, 40)}” is no number of a budget`)
  return number
}
