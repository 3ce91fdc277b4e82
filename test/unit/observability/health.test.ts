import { describe, expect, it } from 'vitest'
import { createHealth } from '../../../shared/observability/health.ts'

describe('health', () => {
  it('is ready when nothing is missing', () => {
    expect(createHealth().snapshot()).toEqual({ ready: true, reasons: [] })
  })

  it('tells each thing that is missing, in the order in which it went', () => {
    const health = createHealth()
    health.setNotReady('kafka', 'Kafka is away.')
    health.setNotReady('influx', 'InfluxDB is away.')
    expect(health.snapshot()).toEqual({ ready: false, reasons: ['Kafka is away.', 'InfluxDB is away.'] })
  })

  it('is ready again only when everything is back', () => {
    const health = createHealth()
    health.setNotReady('kafka', 'Kafka is away.')
    health.setNotReady('influx', 'InfluxDB is away.')
    health.setReady('kafka')
    expect(health.snapshot()).toEqual({ ready: false, reasons: ['InfluxDB is away.'] })
    health.setReady('influx')
    expect(health.snapshot().ready).toBe(true)
  })

  it('keeps the last reason of a key', () => {
    const health = createHealth()
    health.setNotReady('start', 'starting')
    health.setNotReady('start', 'Kafka is away.')
    expect(health.snapshot().reasons).toEqual(['Kafka is away.'])
  })

  it('says a reason once that many partitions give', () => {
    const health = createHealth()
    health.setNotReady('points-0', 'InfluxDB is away.')
    health.setNotReady('points-1', 'InfluxDB is away.')
    expect(health.snapshot().reasons).toEqual(['InfluxDB is away.'])
    health.setReady('points-0')
    expect(health.snapshot().ready).toBe(false)
  })

  it('gives snapshots that do not change afterwards', () => {
    const health = createHealth()
    const before = health.snapshot()
    health.setNotReady('kafka', 'Kafka is away.')
    expect(before).toEqual({ ready: true, reasons: [] })
  })

  it('does not mind that something is back which was never away', () => {
    const health = createHealth()
    health.setReady('kafka')
    expect(health.snapshot().ready).toBe(true)
  })
})
