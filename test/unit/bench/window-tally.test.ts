import { describe, expect, it } from 'vitest'
import { type SeenWindow, WindowTally } from '../../../bench/harness/window-tally.ts'
import { exactQuantile, fields, hostName, metricOf, Workload } from '../../../bench/harness/workload.ts'

const workload = new Workload({
  hosts: 2,
  windows: 2,
  samples: 10,
  windowMs: 10_000,
  startMs: 1_700_000_000_000,
})

function windowOf(host: number, field: number, window: number): SeenWindow {
  return {
    metric: metricOf(field),
    host: hostName(host),
    startMs: workload.size.startMs + window * workload.size.windowMs,
    sizeMs: workload.size.windowMs,
    revision: 0,
    count: 10,
    p99: exactQuantile(workload.samplesOf(host, field, window), 0.99),
  }
}

function* all(): Generator<SeenWindow> {
  for (let host = 0; host < 2; host++)
    for (let field = 0; field < fields.length; field++)
      for (let window = 0; window < 2; window++) yield windowOf(host, field, window)
}

describe('the tally of windows', () => {
  it('is complete when each window is there with all its samples', () => {
    const tally = new WindowTally(workload)
    for (const window of all()) {
      expect(tally.complete).toBe(false)
      tally.add(window)
    }
    expect(tally.complete).toBe(true)
    expect(tally.report()).toMatchObject({
      windows: 20,
      points: 200,
      wrongCounts: 0,
      doubled: 0,
      p99Error: 0,
    })
  })

  it('finds a window that came twice', () => {
    const tally = new WindowTally(workload)
    for (const window of all()) tally.add(window)
    tally.add(windowOf(1, 1, 1))
    expect(tally.report()).toMatchObject({ windows: 20, points: 200, doubled: 1 })
  })

  it('takes the highest revision, whichever comes first', () => {
    const tally = new WindowTally(workload)
    for (const window of all()) tally.add(window)
    tally.add({ ...windowOf(0, 0, 0), revision: 2, count: 9 })
    tally.add({ ...windowOf(0, 0, 0), revision: 1 })
    expect(tally.complete).toBe(false)
    expect(tally.report()).toMatchObject({ points: 199, wrongCounts: 1, doubled: 0, revisions: 2 })
  })

  it('tells how far a percentile is off', () => {
    const tally = new WindowTally(workload)
    for (const window of all()) tally.add({ ...window, p99: window.p99 * 1.02 })
    expect(tally.report().p99Error).toBeCloseTo(0.02)
  })

  it('passes over windows that are not the workload’s', () => {
    const tally = new WindowTally(workload)
    tally.add({ ...windowOf(0, 0, 0), sizeMs: 60_000 })
    tally.add({ ...windowOf(0, 0, 0), host: 'closing-1' })
    tally.add({ ...windowOf(0, 0, 0), startMs: workload.endMs })
    expect(tally.seen).toBe(0)
  })
})
