import type { Window } from '../../../shared/avro/types.ts'
import { Findings } from './findings.ts'
import { type ExpectedWindow, windowKey } from './views.ts'
import { holdAgainst, newest, type WindowContent } from './windows.ts'

/** A window as a store of rows has it. */
export type WindowRow = WindowContent & Pick<Window, 'series' | 'start' | 'sizeMs'>

const compared = ['count', 'sum', 'min', 'max', 'mean', 'p50', 'p90', 'p95', 'p99', 'revision'] as const

/** Each row must hold what was published, and be the newest revision of its window in the topic. */
export function accountRows(
  place: string,
  expected: ReadonlyMap<string, ExpectedWindow>,
  windows: readonly Window[],
  rows: readonly WindowRow[],
): Findings {
  const findings = new Findings(place)
  const inTopic = newest(windows)
  const byKey = new Map<string, WindowRow>()
  for (const row of rows) {
    const key = windowKey(row)
    if (byKey.has(key)) findings.double(row.count, `${key} has two rows`)
    byKey.set(key, row)
    if (row.count > 0 && !expected.has(key))
      findings.double(row.count, `${key} holds ${row.count} points that nobody sent`)
  }
  for (const [key, window] of expected) {
    const row = byKey.get(key)
    findings.checked++
    if (!row) {
      findings.lose(window.values.length, `${key} has no row`)
      continue
    }
    const before = findings.lost + findings.doubled + findings.wrong
    holdAgainst(window, row, key, findings)
    if (findings.lost + findings.doubled + findings.wrong > before) continue
    const newestWindow = inTopic.get(key)
    const flaws = newestWindow ? compared.filter((name) => row[name] !== newestWindow[name]) : []
    if (newestWindow && flaws.length > 0)
      findings.differ(
        `${key}: ${flaws.map((name) => `${name} ${row[name]}, in the topic ${newestWindow[name]}`).join(', ')}`,
      )
  }
  return findings
}
