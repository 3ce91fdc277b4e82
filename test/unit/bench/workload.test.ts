import { describe, expect, it } from 'vitest'
import { exactQuantile, fields, sampleAt, Workload } from '../../../bench/harness/workload.ts'

const size = { hosts: 3, windows: 2, samples: 4, windowMs: 10_000, startMs: 1_700_000_000_000 }

describe('the workload', () => {
  it('has as many messages, points and windows as its size says', () => {
    const workload = new Workload(size)
    expect([workload.messages, workload.points, workload.series, workload.seriesWindows]).toEqual([
      24, 120, 15, 30,
    ])
  })

  it('is line protocol with nanoseconds, the same at each run', () => {
    expect(new Workload(size).line(1, 5)).toMatchInlineSnapshot(
      `"http,host=node-000001,region=us-east,role=web latency=12.575,ttfb=1.941,bytes=2985.878,queue=0.709,load=148.175 1700000012500000000"`,
    )
    expect(new Workload(size).line(1, 5)).toBe(new Workload(size).line(1, 5))
  })

  it('keeps every moment inside its window', () => {
    const workload = new Workload({ ...size, samples: 7 })
    const starts = Array.from({ length: 14 }, (_, moment) =>
      Math.floor((workload.timeOf(moment) - size.startMs) / size.windowMs),
    )
    expect(starts).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1])
  })

  it('tells the samples of a series again', () => {
    const workload = new Workload(size)
    const line = workload.line(2, 6)
    const value = Number(/queue=([\d.]+)/.exec(line)?.[1])
    expect(workload.samplesOf(2, fields.indexOf('queue'), 1)[2]).toBe(value)
  })

  it('has values with three decimals around the scale of their field', () => {
    const values = Float64Array.from({ length: 10_000 }, (_, i) => sampleAt(i % 100, 0, Math.floor(i / 100)))
    expect(values.every((value) => value > 0 && Math.round(value * 1_000) / 1_000 === value)).toBe(true)
    expect(exactQuantile(values, 0.5)).toBeGreaterThan(11.5)
    expect(exactQuantile(values, 0.5)).toBeLessThan(12.5)
    // Log-normal with σ = 0.7: the 90th percentile is e^(0.7 · 1.2816) times the median.
    expect(exactQuantile(values, 0.9) / 12).toBeCloseTo(Math.exp(0.7 * 1.2816), 1)
  })
})

describe('the exact quantile', () => {
  it.each([
    [0.5, 50],
    [0.07, 7],
    [0.99, 99],
    [1, 100],
    [0, 1],
  ])('takes the sample of nearest rank: %d', (q, rank) => {
    expect(
      exactQuantile(
        Float64Array.from({ length: 100 }, (_, i) => 100 - i),
        q,
      ),
    ).toBe(rank)
  })
})
