import { describe, expect, it } from 'vitest'
import { type NormalizerConfig, normalizerSection } from '../../../../../services/normalizer/config.ts'
import { NormalizerTask } from '../../../../../services/normalizer/normalizer-task.ts'
import { redrivenHeaders } from '../../../../../shared/replay/redriven.ts'
import { normalize, now, pointsOf } from '../../../../support/normalize.ts'
import { RecordingOutput } from '../../../../support/recording-output.ts'
import { record, taskContext, topics } from '../../../../support/task-context.ts'

type Duplicates = NormalizerConfig['duplicates']
const looking = (duplicates: Partial<Duplicates>, more: object = {}) => ({
  settings: normalizerSection.schema.parse({ ...more, duplicates }),
})
const points = looking({ of: ['points'] })
const logs = looking({ of: ['logs'] })
const spans = looking({ of: ['spans'] })

const nanos = (ms: number) => `${now + ms}000000`

describe('points that came before', () => {
  it('are left out, also in another record and among others', () => {
    const found = normalize(
      [
        `cpu,host=a idle=1,user=2 ${nanos(0 - 5_000)}`,
        `cpu,host=a user=2,idle=1.5 ${nanos(-5_000)}\ncpu,host=a idle=1 ${nanos(-5_000)}`,
      ],
      points,
    )
    expect(found.points.map(([key, , value]) => [key, value])).toEqual([
      ['cpu.idle,host=a', 1],
      ['cpu.user,host=a', 2],
      ['cpu.idle,host=a', 1.5],
    ])
  })

  it('are left out of records of any size', () => {
    const lines = Array.from({ length: 1_300 }, (_, i) => `m,h=h${i} v=1 ${nanos(-9)}`)
    const halves = [lines.slice(0, 700), lines.slice(600)].map((half) => half.join('\n'))
    expect(normalize([lines.join('\n'), ...halves], points).points).toHaveLength(1_300)
    expect(normalize([...halves, lines.join('\n')], points).points).toHaveLength(1_300)
  })

  it('are others at another time, of another series or with another value', () => {
    const lines = [
      `m,h=a v=1 ${nanos(-2)}`,
      `m,h=a v=1 ${nanos(-1)}`,
      `m,h=b v=1 ${nanos(-2)}`,
      `m,h=a v=2 ${nanos(-2)}`,
    ]
    expect(normalize(lines, points).points).toHaveLength(4)
  })

  it('are samples of their own without a time of their own', () => {
    expect(normalize(['m v=1', 'm v=1', 'm v=1\nm v=1'], points).points).toHaveLength(4)
    expect(normalize(['a:1|c', 'a:1|c', 'g:2|g', 'g:2|g'], points).points).toHaveLength(4)
  })

  it('are samples of their own in deltas and distributions, whatever their time', () => {
    const kinds = { d: 'delta', x: 'distribution', c: 'counter' } as const
    const line = `d value=1 ${nanos(-9)}\nx value=1 ${nanos(-9)}\nc value=1 ${nanos(-9)}\ng value=1 ${nanos(-9)}`
    const { points: found } = normalize([line, line], looking({ of: ['points'] }, { kinds }))
    expect(found.map(([key]) => key)).toEqual(['d', 'x', 'c', 'g', 'd', 'x'])
    const dogs = `a:1|c|T${now / 1_000 - 5}`
    expect(normalize([dogs, dogs], points).points).toHaveLength(2)
  })

  it('are those of one agent: rules and canonical names that make two series one do not make their points one', () => {
    const removing = { pointRules: [{ metric: '*', removeTags: ['pod'] }] }
    const lines = [
      `m,pod=a value=0 ${nanos(-9)}`,
      `m,pod=b value=0 ${nanos(-9)}`,
      `m,pod=a value=0 ${nanos(-9)}`,
    ]
    expect(normalize(lines, looking({ of: ['points'] }, removing)).points.map(([key]) => key)).toEqual([
      'm',
      'm',
    ])
    const canonical = looking({ of: ['points'] }, { names: 'canonical' })
    const named = normalize(
      [
        `mem,host=a used=5 ${nanos(-9)}`,
        `mem,host=a used=5 ${nanos(-9)}`,
        `[{"values":[5],"dstypes":["gauge"],"dsnames":["value"],"time":${(now - 9) / 1_000},"interval":10,"host":"a","plugin":"memory","plugin_instance":"","type":"memory","type_instance":"used"}]`,
      ],
      canonical,
    )
    expect(named.points.map(([key, , value]) => [key, value])).toEqual([
      ['system.memory.usage,host=a,system.memory.state=used', 5],
      ['system.memory.usage,host=a,system.memory.state=used', 5],
    ])
  })

  it('do not come out of logs: two events that tell the same are two', () => {
    const rules = {
      logRules: [
        {
          service: '*',
          where: {},
          points: [{ metric: 'm', tags: [], value: 'ms', kind: 'gauge', unit: '' }],
        },
      ] as never,
    }
    const event = `{"@timestamp":"${new Date(now - 9).toISOString()}","message":"x","ms":7}`
    expect(normalize([event, event], looking({ of: ['points', 'logs'] }, rules)).points).toHaveLength(2)
  })

  it('that were refused are not remembered', () => {
    const rules = { pointRules: [{ metric: 'm', range: { max: 5 } }] }
    const found = normalize(
      [`m value=9 ${nanos(-9)}`, `m value=9 ${nanos(-9)}`],
      looking({ of: ['points'] }, rules),
    )
    expect(found.out.rejected).toHaveLength(2)
  })
})

describe('log events that came before', () => {
  const event = (fields: object) =>
    JSON.stringify({ '@timestamp': '2023-11-14T22:13:19Z', message: 'GET /', ...fields })
  const file = (path: string, offset: number, more: object = {}) =>
    event({ host: { name: 'a' }, log: { file: { path }, offset }, ...more })
  const messages = (...events: readonly string[]) => normalize(events, logs).logs.length

  it('are told by their place in a file, whenever they were read', () => {
    expect(messages(file('/a', 7), file('/a', 7, { '@timestamp': '2023-11-14T22:13:20Z' }))).toBe(1)
    expect(
      messages(file('/a', 7), file('/a', 8), file('/b', 7), file('/a', 7, { host: { name: 'b' } })),
    ).toBe(4)
  })

  it('are others when the file was written anew', () => {
    expect(messages(file('/a', 0), file('/a', 0, { message: 'other' }))).toBe(2)
  })

  it('are told by an id', () => {
    const one = event({ event: { id: 'x' } })
    expect(messages(one, one, event({ event: { id: 'y' } }))).toBe(2)
    expect(messages(event({ '@metadata': { _id: 'x' } }), event({ '@metadata': { _id: 'x' } }))).toBe(1)
    expect(messages(event({ log: { record: { uid: 'x' } } }), event({ log: { record: { uid: 'x' } } }))).toBe(
      1,
    )
  })

  it('are events of their own when nothing says which they are', () => {
    const one = event({ level: 'info' })
    expect(messages(one, one)).toBe(2)
  })
})

describe('spans that came before', () => {
  const span = (more: object = {}) =>
    JSON.stringify([
      {
        traceId: '463ac35c9f6413ad48485a3953bb6124',
        id: 'a2fb4a1d1a96d312',
        name: 'get',
        kind: 'CLIENT',
        timestamp: (now - 50) * 1_000,
        duration: 20_000,
        localEndpoint: { serviceName: 'web' },
        ...more,
      },
    ])

  it('are left out; the other end of a call, and another part of a report, are not', () => {
    const server = span({ kind: 'SERVER', shared: true, localEndpoint: { serviceName: 'db' } })
    expect(normalize([span(), span(), server, span({ duration: 21_000 })], spans).spans).toHaveLength(3)
  })
})

describe('records that came before', () => {
  const read = (
    records: readonly (readonly [value: string, headers?: Record<string, string>, key?: string])[],
    duplicates: Partial<Duplicates>,
  ) => {
    const context = taskContext({ topic: 'raw', now })
    const { settings } = looking(duplicates)
    const task = new NormalizerTask(settings, topics, context)
    const out = new RecordingOutput()
    task.process(
      records.map(([value, headers = {}, key], offset) =>
        record<Buffer | null>(offset, Buffer.from(value), {
          topic: 'raw',
          timestamp: now,
          headers: Object.fromEntries(
            Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]),
          ),
          key: key === undefined ? null : Buffer.from(key),
        }),
      ),
      out,
    )
    task.beforeCommit(out)
    return {
      values: out
        .of(topics.points)
        .flatMap(pointsOf)
        .map(([, , value]) => value),
      out,
      context,
    }
  }

  it('are told by the headers that name them, all of them', () => {
    const events = { idHeaders: ['ce_source', 'ce_id'] }
    const named = (ce_source: string, ce_id: string) => ({ ce_source, ce_id })
    const { values } = read(
      [
        ['m v=1', named('a', '1')],
        ['m v=2', named('a', '1')],
        ['m v=3', named('b', '1')],
        ['m v=4', { ce_id: '1' }],
        ['m v=5', { ce_id: '1' }],
      ],
      events,
    )
    expect(values).toEqual([1, 3, 4, 5])
  })

  it('are told by key, headers and bytes in topics of which that is said', () => {
    const records = [
      ['a:1|c'],
      ['a:1|c'],
      ['a:1|c', {}, 'k'],
      ['a:1|c', { host: 'b' }],
      ['a:1|c', {}, ''],
    ] as const
    expect(read(records, { sameBytesIn: ['r*'] }).values).toHaveLength(4)
    expect(read(records, { sameBytesIn: ['other'] }).values).toHaveLength(5)
  })

  const again = (positions?: string) => ({
    [redrivenHeaders.from]: 'telemetry.deadletter/0/1',
    [redrivenHeaders.timestamp]: String(now),
    ...(positions !== undefined && { [redrivenHeaders.positions]: positions }),
  })

  it('are those that a person has sent again: what an agent delivers after that came before', () => {
    const line = (value: number) => `m v=${value} ${nanos(-9)}`
    const log = [[`${line(1)}\n${line(2)}`, again('0')] as const, [`${line(1)}\n${line(2)}`] as const]
    expect(read(log, { of: ['points'] }).values).toEqual([1, 2])
  })

  it('are taken when a person sends them again, whole or in part', () => {
    const line = `m v=1 ${nanos(-9)}`
    const all = { of: ['points'], sameBytesIn: ['raw'] } satisfies Partial<Duplicates>
    expect(
      read([[line], [line], [line, again()], [line, again()], [line, again('0')]], all).values,
    ).toHaveLength(4)
  })

  it('are counted, by topic and format', async () => {
    const { context } = read([['m v=1'], ['m v=1'], ['m v=1']], { sameBytesIn: ['raw'] })
    expect(await context.metrics.expose()).toContain(
      'tidemark_normalizer_duplicates_total{topic="raw",format="influx"} 2',
    )
  })

  it('whose other parts are refused are not sent again with what was left out', () => {
    const { out } = read([[`m v=1 ${nanos(-9)}`], [`m v=1 ${nanos(-9)}\nm v=oops ${nanos(-9)}`]], {
      of: ['points'],
    })
    expect(out.rejected.map(({ refusals }) => refusals.map(({ position }) => position))).toEqual([[1]])
  })
})

describe('without the wish', () => {
  it('nothing is left out, and nothing read again', () => {
    const line = `m v=1 ${nanos(-9)}`
    const { points: found, task } = normalize([line, line])
    expect(found).toHaveLength(2)
    expect(task.resumePoint()).toEqual({ offset: 2, memo: '' })
  })
})
