import type { Series } from '../../../shared/avro/types.ts'

/** Whether `text` matches a pattern in which each * stands for any characters. Takes time linear in both at worst times the number of stars. */
export function matches(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return pattern === text
  if (!text.startsWith(first)) return false
  const last = rest.pop()!
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}

/** Which series a rule is about: a pattern for the metric's name, and for the values of tags, which must be there. */
export interface Selector {
  readonly metric: string
  readonly where: Readonly<Record<string, string>>
}

export function selects({ metric, where }: Selector, series: Series): boolean {
  if (!matches(metric, series.metric)) return false
  return Object.entries(where).every(([key, pattern]) => {
    const tag = series.tags.find((one) => one.key === key)
    return tag !== undefined && matches(pattern, tag.value)
  })
}
