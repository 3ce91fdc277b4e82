import type { Window } from '../../../shared/avro/types.ts'
import { Findings } from './findings.ts'
import { type ExpectedWindow, windowKey } from './views.ts'

/** What a window of the topic and a row of a store have in common. */
export type WindowContent = Pick<
  Window,
  'count' | 'sum' | 'min' | 'max' | 'mean' | 'p50' | 'p90' | 'p95' | 'p99' | 'revision'
>

const quantiles = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
] as const

/** What the sketch promises. */
const relativeError = 0.01

/** Of each window the highest revision. */
export function newest(windows: readonly Window[]): ReadonlyMap<string, Window> {
  const found = new Map<string, Window>()
  for (const window of windows) {
    const key = windowKey(window)
    if ((found.get(key)?.revision ?? -1) < window.revision) found.set(key, window)
  }
  return found
}

/** Holds the windows of the topic against those that follow from what was published; one finding for each length. */
export function accountWindows(
  expected: ReadonlyMap<string, ExpectedWindow>,
  windows: readonly Window[],
): readonly Findings[] {
  const bySize = new Map<number, Findings>()
  const findingsOf = (sizeMs: number) => {
    let findings = bySize.get(sizeMs)
    if (!findings) {
      findings = new Findings(`windows topic, ${sizeMs / 1_000} s`)
      bySize.set(sizeMs, findings)
    }
    return findings
  }
  const seen = new Set<string>()
  for (const window of windows) {
    const identity = `${windowKey(window)}#${window.revision}`
    if (seen.has(identity)) findingsOf(window.sizeMs).double(1, `${identity} stands in the topic twice`)
    seen.add(identity)
  }
  const found = newest(windows)
  for (const [key, window] of expected) {
    const findings = findingsOf(window.sizeMs)
    findings.checked++
    holdAgainst(window, found.get(key), key, findings)
  }
  // A late reading of a counter may leave a window empty.
  for (const [key, { sizeMs, count }] of found)
    if (count > 0 && !expected.has(key))
      findingsOf(sizeMs).double(count, `${key} holds ${count} points that nobody sent`)
  return [...bySize].sort(([a], [b]) => a - b).map(([, findings]) => findings)
}

/** Holds a window against the values that were published for it. */
export function holdAgainst(
  { values }: ExpectedWindow,
  found: WindowContent | undefined,
  key: string,
  findings: Findings,
): void {
  const count = found?.count ?? 0
  if (count < values.length)
    findings.lose(values.length - count, `${key} holds ${count} points of ${values.length}`)
  else if (count > values.length)
    findings.double(count - values.length, `${key} holds ${count} points, not ${values.length}`)
  else {
    const flaws = flawsOf(values, found!)
    if (flaws.length > 0) findings.differ(`${key}: ${flaws.join(', ')}`)
  }
}

/** `values` ascending. */
function flawsOf(values: readonly number[], found: WindowContent): readonly string[] {
  const sum = values.reduce((total, value) => total + value, 0)
  const exact = { sum, min: values[0]!, max: values.at(-1)!, mean: sum / values.length }
  const flaws = Object.entries(exact)
    .filter(([name, value]) => found[name as keyof typeof exact] !== value)
    .map(([name, value]) => `${name} ${found[name as keyof typeof exact]}, not ${value}`)
  for (const [name, q] of quantiles) {
    const value = values[Math.ceil(q * values.length) - 1]!
    if (Math.abs(found[name] - value) > Math.abs(value) * relativeError * (1 + 1e-9))
      flaws.push(`${name} ${found[name]}, not ${value} within ${relativeError * 100} %`)
  }
  return flaws
}
