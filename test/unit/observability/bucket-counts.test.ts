import { describe, expect, it } from 'vitest'
import { createMetrics } from '../../../shared/observability/metrics.ts'

describe('a histogram that is counted elsewhere', () => {
  it('is exposed as any other', async () => {
    const metrics = createMetrics()
    const definition = {
      name: 'delay_seconds',
      help: 'How late.',
      labels: ['topic'] as const,
      buckets: [0.1, 1],
    }
    const delays = metrics.bucketCounts(definition)
    delays.add({ topic: 'a' }, [1, 2, 3], 30)
    delays.add({ topic: 'a' }, [0, 1, 0], 0.5)
    delays.add({ topic: 'b"' }, [0, 0, 0], 0)
    expect(metrics.bucketCounts(definition)).toBe(delays)
    expect((await metrics.expose()).trim().split('\n')).toEqual([
      '# HELP tidemark_delay_seconds How late.',
      '# TYPE tidemark_delay_seconds histogram',
      'tidemark_delay_seconds_bucket{le="0.1",topic="a"} 1',
      'tidemark_delay_seconds_bucket{le="1",topic="a"} 4',
      'tidemark_delay_seconds_bucket{le="+Inf",topic="a"} 7',
      'tidemark_delay_seconds_sum{topic="a"} 30.5',
      'tidemark_delay_seconds_count{topic="a"} 7',
      'tidemark_delay_seconds_bucket{le="0.1",topic="b\\""} 0',
      'tidemark_delay_seconds_bucket{le="1",topic="b\\""} 0',
      'tidemark_delay_seconds_bucket{le="+Inf",topic="b\\""} 0',
      'tidemark_delay_seconds_sum{topic="b\\""} 0',
      'tidemark_delay_seconds_count{topic="b\\""} 0',
    ])
  })
})
