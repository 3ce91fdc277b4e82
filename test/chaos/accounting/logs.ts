import type { LogEvent } from '../telemetry.ts'
import { Findings } from './findings.ts'

/** Each log event that was published must be found exactly once, as it was. */
export function accountLogs(
  place: string,
  published: ReadonlyMap<number, LogEvent>,
  found: readonly LogEvent[],
): Findings {
  const findings = new Findings(place)
  const seen = new Set<number>()
  for (const event of found) {
    const expected = published.get(event.id)
    if (!expected) findings.double(1, `event ${event.id}, which nobody sent`)
    else if (seen.has(event.id)) findings.double(1, `event ${event.id} is there more than once`)
    else if (
      event.time !== expected.time ||
      event.service !== expected.service ||
      event.message !== expected.message
    )
      findings.differ(`event ${event.id}: ${JSON.stringify(event)}, not ${JSON.stringify(expected)}`)
    seen.add(event.id)
  }
  for (const id of published.keys()) {
    findings.checked++
    if (!seen.has(id)) findings.lose(1, `event ${id}`)
  }
  return findings
}
