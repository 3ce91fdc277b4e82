import { normalize } from '../support/normalize.ts'
import type { Row } from './rows.ts'

/** How many of its examples a format reads without refusing any part; examples may be of any time. */
export function passed({ format, examples }: Row): number {
  const settings = {
    formats: { raw: format },
    earliestTime: '1970-01-01T00:00:00Z',
    maxFutureMs: Number.POSITIVE_INFINITY,
  }
  const isRead = (input: Buffer) => {
    const { out, task } = normalize([input], { settings })
    for (const { act } of task.quiet) act(out)
    return out.rejected.length === 0 && out.sent.length > 0
  }
  return examples?.inputs.filter(isRead).length ?? 0
}
