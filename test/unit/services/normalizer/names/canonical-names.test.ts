import { describe, expect, it } from 'vitest'
import { CanonicalNames, convert } from '../../../../../services/normalizer/names/canonical-names.ts'
import { allMappings, groups } from '../../../../../services/normalizer/names/tables.ts'
import { SeriesFactory } from '../../../../../services/normalizer/series-cache.ts'
import { seriesKey } from '../../../../../shared/series/series.ts'
import { normalize, normalizerDefaults, now } from '../../../../support/normalize.ts'

const settings = { names: 'canonical' } as const
const influx = (line: string) => normalize([`${line} ${now}000000`], { settings })

describe('The tables of names', () => {
  it('say for every line which series, unit, kind and value come out', async () => {
    const lines = groups.flatMap(({ agent, mappings }) =>
      mappings.map((mapping) => {
        const keys = new Set([...Object.keys(mapping.where ?? {}), ...Object.keys(mapping.tags ?? {})])
        const tags = [...keys].map((key) => ({ key, value: `${mapping.tags?.[key]?.without ?? ''}7` }))
        const names = new SeriesFactory({ ...normalizerDefaults, ...settings }, 1)
        const ref = names.series(mapping.from, tags)
        const { series } = ref.canonical?.ref ?? ref
        const value = ref.canonical ? convert(57, ref.canonical.conversion) : 57
        const from = seriesKey({ metric: mapping.from, tags })
        return `${agent}: ${from} 57 → ${seriesKey(series)} ${value} ${series.unit} ${series.kind}`
      }),
    )
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('../../../../fixtures/names/every-line.txt')
  })

  it('name no metric twice, and none by a name that is itself renamed', () => {
    const from = allMappings.map(({ from, where }) => JSON.stringify([from, where]))
    expect(new Set(from).size).toBe(from.length)
    const renamed = new Set(allMappings.map((mapping) => mapping.from))
    expect(allMappings.filter(({ from, to }) => to !== from && renamed.has(to))).toEqual([])
  })

  it.each(groups)('let no two metrics of $agent ($subject) become one series', ({ mappings }) => {
    const targets = mappings
      .map(({ to, set, tags, from }) => ({
        from,
        target: JSON.stringify([to, set, Object.keys(tags ?? {})]),
      }))
      // Two generations of one exporter's names, of which one process writes one.
      .filter(({ from }) => !/^(?:jvm|process)_/.test(from))
    expect(new Set(targets.map(({ target }) => target)).size).toBe(targets.length)
  })

  it('agree about the unit and kind of a name', () => {
    for (const [to, mappings] of Map.groupBy(allMappings, (mapping) => mapping.to)) {
      const kinds = new Set(
        mappings.map(({ unit, kind }) => `${unit} ${kind === 'delta' ? 'counter' : kind}`),
      )
      expect([to, kinds.size]).toEqual([to, 1])
    }
  })
})

describe('Canonical names', () => {
  it('are off by default', () => {
    const { series, points } = normalize([`cpu,cpu=cpu0 usage_user=57 ${now}000000`])
    expect(points).toEqual([['cpu.usage_user,cpu=cpu0', now, 57]])
    expect(series[0]).toMatchObject({ kind: 'gauge', unit: '' })
  })

  it('come with unit, kind and value', () => {
    const { series, points } = influx('cpu,cpu=cpu0,host=a usage_user=57')
    expect(points).toEqual([['system.cpu.utilization,cpu.logical_number=0,cpu.mode=user,host=a', now, 0.57]])
    expect(series[0]).toMatchObject({ kind: 'gauge', unit: '1' })
  })

  it('make counters of what Telegraf counts', () => {
    const { series, points } = influx('net,interface=eth0 bytes_recv=12i')
    expect(points).toEqual([
      ['system.network.io,network.interface.name=eth0,network.io.direction=receive', now, 12],
    ])
    expect(series[0]).toMatchObject({ kind: 'counter', unit: 'By' })
  })

  it('leave the number out of what is measured of all processors', () => {
    const { points } = influx('cpu,cpu=cpu-total usage_idle=25')
    expect(points).toEqual([['system.cpu.utilization,cpu.mode=idle', now, 0.25]])
  })

  it('put a series once into a batch, whichever agents write it', () => {
    const { series, points } = normalize(
      [
        `mem,host=a used_percent=50 ${now}000000\nmem,host=a used=5 ${now}000000`,
        `system.memory.utilization,host=a,system.memory.state=used value=0.75 ${now}000000`,
        `system.memory.used.pct,host=a value=0.25 ${now}000000`,
      ],
      { settings },
    )
    expect(series.map(seriesKey)).toEqual([
      'system.memory.utilization,host=a,system.memory.state=used',
      'system.memory.usage,host=a,system.memory.state=used',
    ])
    expect(points.map(([, , value]) => value).sort()).toEqual([0.25, 0.5, 0.75, 5])
  })

  it('read what Prometheus calls a counter', () => {
    const text = '# TYPE node_cpu_seconds_total counter\nnode_cpu_seconds_total{cpu="3",mode="irq"} 1.5\n'
    const { series, points } = normalize([text], { settings })
    expect(points).toEqual([['system.cpu.time,cpu.logical_number=3,cpu.mode=interrupt', now, 1.5]])
    expect(series[0]).toMatchObject({ kind: 'counter', unit: 's' })
  })

  it('read what Metricbeat, collectd and StatsD send', () => {
    const beat = {
      '@timestamp': new Date(now).toISOString(),
      metricset: { name: 'network' },
      event: { module: 'system' },
      system: { network: { name: 'eth0', in: { bytes: 5 } } },
    }
    const list = {
      values: [6],
      dstypes: ['gauge'],
      dsnames: ['value'],
      time: now / 1_000,
      interval: 10,
      host: 'a',
      plugin: 'memory',
      plugin_instance: '',
      type: 'memory',
      type_instance: 'buffered',
    }
    const keysOf = (value: string) => normalize([value], { settings }).series.map(seriesKey)
    expect(keysOf(JSON.stringify(beat))).toEqual([
      'system.network.io,network.interface.name=eth0,network.io.direction=receive',
    ])
    expect(keysOf(JSON.stringify([list]))).toEqual(['system.memory.usage,host=a,system.memory.state=buffers'])
    const { series } = normalize(['im.messages.sent:3|c'], { settings })
    expect(series[0]).toMatchObject({ metric: 'messaging.message.sent', kind: 'delta', unit: '{message}' })
  })

  it.each([
    [
      '# TYPE grpc_server_handled_total counter\ngrpc_server_handled_total{grpc_service="shop.Cart",grpc_method="Add",grpc_code="NotFound"} 3\n',
      'rpc.server.call.count,rpc.method=Add,rpc.service=shop.Cart,rpc.status_code=NOT_FOUND,rpc.system.name=grpc',
    ],
    [
      '# TYPE hikaricp_pending_threads gauge\nhikaricp_pending_threads{pool="main"} 3\n',
      'db.client.connection.pending_requests,db.client.connection.pool.name=main',
    ],
    [
      '# TYPE hikaricp_connections_acquire_seconds summary\nhikaricp_connections_acquire_seconds_count{pool="main"} 2\nhikaricp_connections_acquire_seconds_sum{pool="main"} 0.5\n',
      'db.client.connection.wait_time,db.client.connection.pool.name=main',
    ],
    [
      '# TYPE jvm_memory_used_bytes gauge\njvm_memory_used_bytes{area="nonheap",id="Metaspace"} 9\n',
      'jvm.memory.used,jvm.memory.pool.name=Metaspace,jvm.memory.type=non_heap',
    ],
    [
      '# TYPE jvm_gc_pause_seconds summary\njvm_gc_pause_seconds_count{action="end of minor GC",cause="Metadata GC Threshold"} 1\njvm_gc_pause_seconds_sum{action="end of minor GC",cause="Metadata GC Threshold"} 0.006\n',
      'jvm.gc.duration,jvm.gc.action=end of minor GC,jvm.gc.cause=Metadata GC Threshold',
    ],
  ])('read what exporters write: %s', (text, series) => {
    expect(normalize([text], { settings }).series.map(seriesKey)).toEqual([series])
  })

  it('rename a histogram, but not one whose values would have to be converted', () => {
    const histogram = (name: string) =>
      `# TYPE ${name} histogram\n${name}_bucket{le="1"} 1\n${name}_bucket{le="+Inf"} 2\n${name}_sum 3\n${name}_count 2\n`
    const seriesIn = (name: string) =>
      normalize([histogram(name)], { settings }).histograms.map(({ series }) => series)
    expect(seriesIn('http_request_duration_seconds')).toEqual(['http.server.request.duration'])
    expect(seriesIn('diskio.read_time')).not.toContain('system.disk.operation_time')
    const converted = new SeriesFactory({ ...normalizerDefaults, ...settings }, 1).series(
      'diskio.io_time',
      [],
    )
    expect(converted.series.metric).toBe('diskio.io_time')
    expect(converted.canonical?.ref.series.metric).toBe('system.disk.io_time')
  })

  it('keep the name that the agent gave, if asked to', () => {
    const { points } = normalize([`system load1=2 ${now}000000`], {
      settings: { ...settings, originalNameTag: 'metric.original' },
    })
    expect(points).toEqual([['system.cpu.load_average.1m,metric.original=system.load1', now, 2]])
  })

  it.each([
    ['that nobody lists', 'water.level', [], undefined, ''],
    ['of another kind', 'net.bytes_recv', [], 'gauge', ''],
    ['of another unit', 'cpu.usage_user', [], undefined, '1'],
    ['with a tag of the new key', 'mem.used', [{ key: 'system.memory.state', value: 'x' }], undefined, ''],
    ['without the tag that is asked for', 'cpu.percent', [], undefined, ''],
  ] as const)('are not given to a series %s', (_, metric, tags, kind, unit) => {
    expect(new CanonicalNames(allMappings).of(metric, tags, kind, unit)).toBeUndefined()
  })

  it('are not given to a series that would have too many tags', () => {
    const { points } = normalize([`mem,host=a used=5 ${now}000000`], {
      settings: { ...settings, maxTags: 1 },
    })
    expect(points).toEqual([['mem.used,host=a', now, 5]])
  })

  it('are not given against the configured kind', () => {
    const { series } = normalize([`mem used=5 ${now}000000`], {
      settings: { ...settings, kinds: { 'mem.*': 'distribution' } },
    })
    expect(series[0]).toMatchObject({ metric: 'mem.used', kind: 'distribution' })
  })

  it('leave a tag like a property of objects alone', () => {
    const { points } = influx('mem,__proto__=x,constructor=y used=5')
    expect(points[0]![0]).toBe('system.memory.usage,__proto__=x,constructor=y,system.memory.state=used')
  })
})

describe('A conversion', () => {
  it('multiplies, divides, then shifts', () => {
    expect(convert(57, { times: 1, dividedBy: 100, plus: 0 })).toBe(0.57)
    expect(convert(50, { times: 5, dividedBy: 9, plus: -10 })).toBe(250 / 9 - 10)
  })

  it('stays finite', () => {
    expect(convert(-1e308, { times: 1_000, dividedBy: 1, plus: 0 })).toBe(-Number.MAX_VALUE)
  })
})
