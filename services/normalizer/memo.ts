/** What a task remembers over a restart: text of each part in its own form, none of which has a semicolon. */
interface NormalizerMemo {
  /** Where log events began that wait for more lines. */
  readonly lines: string
  /** What the rules have counted. */
  readonly budgets: string
  /** The values of derived points' tags. */
  readonly values: string
  /** What tenants have used. */
  readonly tenants: string
  /** Whether the log is read again from a place before that of the first log event that waits, to know duplicates and series. */
  readonly readsAgain: boolean
}

const again = '1'

/** Parts at the end that are empty take no place. */
export const textOfMemo = ({ lines, budgets, values, tenants, readsAgain }: NormalizerMemo): string =>
  [lines, budgets, values, tenants, readsAgain ? again : ''].join(';').replace(/;+$/, '')

export function readMemo(text: string): NormalizerMemo {
  const [lines = '', budgets = '', values = '', tenants = '', readsAgain = ''] = text.split(';')
  return { lines, budgets, values, tenants, readsAgain: readsAgain === again }
}

/**
 * What a replay must know of the live normalizer: the values of tags, lest it give other series. Values are kept for ever, so those
 * of today tell which were admitted at any time.
 */
export const memoForReplay = (live: string): string =>
  textOfMemo({ lines: '', budgets: '', values: readMemo(live).values, tenants: '', readsAgain: false })
