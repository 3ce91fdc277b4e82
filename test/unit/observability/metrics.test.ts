import { describe, expect, it } from 'vitest'
import { createMetrics } from '../../../shared/observability/metrics.ts'

describe('createMetrics', () => {
  it('exposes counters and gauges with their labels, under the project’s prefix', async () => {
    const metrics = createMetrics()
    metrics
      .counter({ name: 'records_total', help: 'Records.', labels: ['topic'] })
      .inc({ topic: 'points' }, 3)
    metrics.gauge({ name: 'open_windows', help: 'Open windows.' }).set(7)
    const lines = (await metrics.expose()).split('\n')
    expect(lines).toContain('# HELP tidemark_records_total Records.')
    expect(lines).toContain('# TYPE tidemark_records_total counter')
    expect(lines).toContain('tidemark_records_total{topic="points"} 3')
    expect(lines).toContain('# TYPE tidemark_open_windows gauge')
    expect(lines).toContain('tidemark_open_windows 7')
  })

  it('counts a histogram into the buckets given', async () => {
    const metrics = createMetrics()
    const seconds = metrics.histogram({ name: 'commit_seconds', help: 'Commits.', buckets: [0.1, 1] })
    for (const value of [0.05, 0.5, 5]) seconds.observe(value)
    const lines = (await metrics.expose()).split('\n')
    expect(lines.filter((line) => line.startsWith('tidemark_commit_seconds'))).toEqual([
      'tidemark_commit_seconds_bucket{le="0.1"} 1',
      'tidemark_commit_seconds_bucket{le="1"} 2',
      'tidemark_commit_seconds_bucket{le="+Inf"} 3',
      'tidemark_commit_seconds_sum 5.55',
      'tidemark_commit_seconds_count 3',
    ])
  })

  it('gives the same metric for a name asked for again, so that tasks share it', async () => {
    const metrics = createMetrics()
    metrics.counter({ name: 'records_total', help: 'Records.' }).inc(1)
    metrics.counter({ name: 'records_total', help: 'Records.' }).inc(2)
    expect(await metrics.expose()).toContain('tidemark_records_total 3')
  })

  it('keeps the metrics of two workers in one process apart', async () => {
    const one = createMetrics()
    const other = createMetrics()
    one.gauge({ name: 'lag', help: 'Lag.' }).set(1)
    other.gauge({ name: 'lag', help: 'Lag.' }).set(2)
    expect(await one.expose()).toContain('tidemark_lag 1')
    expect(await other.expose()).toContain('tidemark_lag 2')
  })

  it('exposes nothing before there is a metric', async () => {
    expect((await createMetrics().expose()).trim()).toBe('')
  })
})
