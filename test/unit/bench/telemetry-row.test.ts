import { describe, expect, it } from 'vitest'
import { againstLineProtocol, telemetryRow } from '../../../bench/harness/telemetry-row.ts'
import { allTelemetry } from '../../../bench/telemetry/registry.ts'

const of = (format: string) => allTelemetry.find((one) => one.format === format)!
const written = { messages: 1_000, bytes: 2_000_000, unpackedBytes: 2_000_000, things: 5_000 }
const spent = { cpuSeconds: 2, wallSeconds: 1, startCpuSeconds: 0.5 }
const ours = { loadBefore: 1.2345, written, spent }
const peer = {
  written: { ...written, things: 10_000 },
  spent: { cpuSeconds: 6, wallSeconds: 4, startCpuSeconds: 0.1 },
}

describe('what was measured of telemetry', () => {
  it('is told by CPU second and by second, and held against the peer', () => {
    expect(telemetryRow(of('influx'), ours, peer)).toEqual({
      format: 'influx',
      makes: 'points',
      load_before: 1.235,
      messages: 1_000,
      mb: 2,
      bytes_per_message: 2_000,
      things: 5_000,
      cpu_s: 2,
      start_cpu_s: 0.5,
      wall_s: 1,
      messages_per_cpu_s: 500,
      mb_per_cpu_s: 1,
      things_per_cpu_s: 2_500,
      messages_per_s: 1_000,
      mb_per_s: 2,
      things_per_s: 5_000,
      peer_things: 10_000,
      peer_cpu_s: 6,
      peer_start_cpu_s: 0.1,
      peer_wall_s: 4,
      peer_things_per_cpu_s: 1_667,
      peer_things_per_s: 2_500,
      ratio_peer: 1.5,
    })
  })

  it('counts bytes without the compression of the agent', () => {
    const packed = { ...ours, written: { ...written, bytes: 500_000 } }
    const row = telemetryRow(of('prometheus-remote-write'), packed, undefined)
    expect(row).toMatchObject({ variant: '1', mb: 2, packed_mb: 0.5, mb_per_cpu_s: 1 })
  })

  it('is held against line protocol, where that was measured too', () => {
    const rows = [
      telemetryRow(of('influx'), ours, undefined),
      telemetryRow(of('cri'), { ...ours, spent: { ...spent, cpuSeconds: 3 } }, undefined),
    ]
    expect(againstLineProtocol(rows).map((row) => row.against_influx)).toEqual([1, 1.499])
    expect(againstLineProtocol(rows.slice(1))).toEqual(rows.slice(1))
  })
})
