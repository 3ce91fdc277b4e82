import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formats } from '../../../../../services/normalizer/formats/registry.ts'
import { Payload } from '../../../../../services/normalizer/payload.ts'
import { normalize, now } from '../../../../support/normalize.ts'

const network = {
  '@timestamp': '2023-11-14T22:13:19.123Z',
  host: { name: 'web1', ip: ['10.0.0.1'] },
  agent: { hostname: 'other', version: '8.1.0' },
  event: { module: 'system', dataset: 'system.network', duration: 115_000 },
  metricset: { name: 'network', period: 10_000 },
  service: { type: 'system' },
  system: { network: { name: 'eth0', in: { bytes: 5, dropped: 0 }, out: { bytes: 7 } } },
}
const read = (json: unknown) =>
  normalize([JSON.stringify(json)], { settings: { formats: { raw: 'metricbeat' } } })

describe('Metricbeat’s events', () => {
  it('become points by their path, with what they are about as tags', () => {
    const { points, series, out, logs } = read(network)
    expect(out.rejected).toEqual([])
    expect(logs).toEqual([])
    const tags = 'host.name=web1,system.network.name=eth0'
    expect(points).toEqual([
      [`system.network.in.bytes,${tags}`, now - 877, 5],
      [`system.network.in.dropped,${tags}`, now - 877, 0],
      [`system.network.out.bytes,${tags}`, now - 877, 7],
    ])
    expect(series.map(({ kind, unit }) => [kind, unit])).toEqual([
      ['counter', 'By'],
      ['counter', ''],
      ['counter', 'By'],
    ])
  })

  it.each<[string, object, Readonly<Record<string, string>>]>([
    [
      'a process',
      {
        system: { process: { cgroup: { id: 'x', cpu: { id: 'x' } }, state: 'sleeping', fd: 5 } },
        process: { pid: 7, name: 'dockerd' },
      },
      { 'process.name': 'dockerd', 'process.pid': '7' },
    ], // prettier-ignore
    ['a core', { system: { core: { id: 3, user: { pct: 0.5 } } } }, { 'system.core.id': '3' }],
    [
      'a file system',
      { system: { filesystem: { device_name: '/dev/sda1', mount_point: '/', type: 'ext4', free: 5 } } },
      { 'system.filesystem.device_name': '/dev/sda1', 'system.filesystem.mount_point': '/' },
    ], // prettier-ignore
    [
      'labels and a container',
      {
        system: { load: { 1: 0.5 } },
        labels: { env: 'prod' },
        container: { id: 'c1', name: 'shop', image: { name: 'x' } },
      },
      { 'container.id': 'c1', 'container.name': 'shop', 'labels.env': 'prod' },
    ], // prettier-ignore
  ])('of %s have its tags', (_, more, tags) => {
    const { series } = read({ ...network, ...more })
    expect(Object.fromEntries(series[0]!.tags.map(({ key, value }) => [key, value]))).toEqual({
      'host.name': 'web1',
      ...tags,
    })
  })

  it('of Kafka’s partitions are told apart by topic and partition, not by the client', () => {
    const { series } = read({
      ...network,
      event: { module: 'kafka' },
      metricset: { name: 'consumergroup' },
      service: { address: 'kafka:9092' },
      kafka: {
        consumergroup: { id: 'g', topic: 't', partition: 0, offset: 5, client: { id: 'c', host: 'h' } },
      },
    })
    expect(series).toMatchObject([{ metric: 'kafka.consumergroup.offset', kind: 'counter' }])
    expect(series[0]!.tags.map(({ key }) => key)).toEqual([
      'host.name',
      'kafka.consumergroup.id',
      'kafka.consumergroup.partition',
      'kafka.consumergroup.topic',
      'service.address',
    ])
  })

  it('of the Prometheus module have its labels', () => {
    const { points } = read({
      ...network,
      event: { module: 'prometheus' },
      prometheus: { labels: { job: 'a', code: '200' }, metrics: { up: 1 } },
    })
    expect(points[0]![0]).toBe(
      'prometheus.metrics.up,host.name=web1,prometheus.labels.code=200,prometheus.labels.job=a',
    )
  })

  it('take true as 1', () => {
    expect(read({ ...network, system: { raid: { ok: true } } }).points[0]?.[2]).toBe(1)
  })

  it('leave the kind to the configuration where it is not known', () => {
    const { series } = normalize([JSON.stringify({ ...network, system: { new: { total: 1 } } })], {
      settings: { kinds: { 'system.new.*': 'counter' } },
    })
    expect(series).toMatchObject([{ kind: 'counter' }])
  })

  it.each<[string, unknown, string]>([
    ['something else', { message: 'hello' }, 'unparseable'],
    ['an event without numbers', { ...network, system: { a: 'b' } }, 'empty'],
    ['an empty list', [], 'empty'],
    ['a time that is none', { ...network, '@timestamp': 'noon' }, 'invalid_timestamp'],
  ])('are refused: %s', (_, json, reason) => {
    expect(read(json)).toMatchObject({ points: [], out: { rejected: [{ reason }] } })
  })

  it('say why nothing was measured', () => {
    const { out } = read({ ...network, system: undefined, error: { message: 'connection refused' } })
    expect(out.rejected[0]?.detail).toContain('connection refused')
  })

  it('are refused one by one, with their positions', () => {
    const { points, out } = read([network, 5, network, { ...network, system: 5 }])
    expect(points).toHaveLength(6)
    expect(out.rejected[0]!.refusals.map(({ position }) => position)).toEqual([1, 3])
  })

  it('throw nothing but refusals, whatever comes', () => {
    const key = fc.constantFrom('system', 'host', 'name', 'metricset', '__proto__', 'event', 'labels', 'id')
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue(),
        fc.array(fc.tuple(key, tie('json'))).map((pairs) => Object.fromEntries(pairs)),
      ),
    }))
    fc.assert(
      fc.property(json, (value) => {
        const { points } = read({ ...network, system: value, labels: value })
        for (const [, , number] of points) expect(Number.isFinite(number)).toBe(true)
        expect(Object.hasOwn(Object.prototype, 'system')).toBe(false)
      }),
      { numRuns: 500 },
    )
    const deep = JSON.stringify({ ...network, system: 0 }).replace(
      '"system":0',
      `"system":${'{"a":'.repeat(50)}1${'}'.repeat(50)}`,
    )
    expect(normalize([deep]).out.rejected).toMatchObject([{ reason: 'too_deep' }])
  })

  it.each([
    ['mysql-status.json', 61, 'mysql.status.aborted.clients,service.address=127.0.0.1:3306'],
    ['system-cpu.json', 27, 'system.cpu.cores'],
    [
      'zookeeper-mntr.json',
      11,
      'zookeeper.mntr.approximate_data_size,host.name=host.example.com,service.address=zookeeper:2181',
    ],
  ])('of real agents are recognized and read: %s', (name, count, first) => {
    const bytes = readFileSync(`test/fixtures/metricbeat/${name}`)
    const { points, out, logs } = normalize([bytes])
    expect(out.rejected).toEqual([])
    expect(logs).toEqual([])
    expect(points).toHaveLength(count)
    expect(points[0]![0]).toBe(first)
    expect(formats.find((format) => format.recognizes(new Payload(bytes, {})))?.name).toBe('metricbeat')
  })
})
