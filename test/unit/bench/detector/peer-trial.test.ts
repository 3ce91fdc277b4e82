import { describe, expect, it } from 'vitest'
import { falsePeerAnomalies, peerDelayOf } from '../../../../bench/detector/peer-trial.ts'
import { commonEvents, departures, siblings } from '../../../../bench/detector/siblings.ts'

const days = { windows: 2 * 1_440, windowMs: 60_000 }

describe.each(siblings)('two days of siblings, $name', (kind) => {
  it('have no anomalies', () => {
    expect(falsePeerAnomalies(kind, 8, 1, days)).toBe(0)
  })

  it.each(commonEvents)('have none when something befalls all: $name', (event) => {
    expect(falsePeerAnomalies(kind, 8, 1, days, event)).toBe(0)
  })

  it.each(departures.slice(0, 2))('show who departs: $name', (event) => {
    expect(peerDelayOf(kind, 8, event, 1, days)).toBeLessThanOrEqual(3)
  })
})
