import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recordOf } from '../../../../../cli/deadletter/choose.ts'
import { type NormalizerConfig, normalizerSection } from '../../../../../services/normalizer/config.ts'
import { NormalizerTask } from '../../../../../services/normalizer/normalizer-task.ts'
import type { DeadLetter } from '../../../../../shared/avro/types.ts'
import { unpacked } from '../../../../../shared/points/unpack.ts'
import { discarded } from '../../../../../shared/stream/output-buffer.ts'
import type { StreamRecord } from '../../../../../shared/stream/task.ts'
import { now, pointsOf } from '../../../../support/normalize.ts'
import { runWithCrashes } from '../../../../support/normalizer-recovery.ts'
import { RecordingOutput } from '../../../../support/recording-output.ts'
import { record, taskContext, topics } from '../../../../support/task-context.ts'

type Raw = StreamRecord<Buffer | null>

const configOf = (tenants: object, more: object = {}): NormalizerConfig =>
  normalizerSection.schema.parse({ tenants, ...more })

const taskOf = (config: NormalizerConfig, { topic = 'raw', partitions = 1, memo = '' } = {}) =>
  new NormalizerTask(config, topics, taskContext({ topic, partitions, now: now + 1e9 }), memo || undefined)

interface Given {
  readonly text: string
  readonly tenant?: string
  /** Seconds after the beginning. */
  readonly at?: number
  readonly headers?: Readonly<Record<string, string>>
}

const logOf = (given: readonly Given[], topic = 'raw'): readonly Raw[] =>
  given.map(({ text, tenant, at = 0, headers = {} }, offset) =>
    record<Buffer | null>(offset, Buffer.from(text), {
      topic,
      timestamp: now + at * 1_000,
      headers: Object.fromEntries(
        Object.entries({ ...headers, ...(tenant !== undefined && { tenant }) }).map(([key, value]) => [
          key,
          Buffer.from(value),
        ]),
      ),
    }),
  )

function run(config: NormalizerConfig, given: readonly Given[], surroundings = {}) {
  const out = new RecordingOutput()
  const task = taskOf(config, surroundings)
  task.process(logOf(given, (surroundings as { topic?: string }).topic), out)
  for (const step of task.quiet) step.act(out)
  task.beforeCommit(out)
  return outcome(out)
}

const outcome = (out: RecordingOutput) => ({
  points: out.of(topics.points).flatMap(pointsOf),
  traces: out.of(topics.points).flatMap(({ exemplars }) => exemplars.map(({ exemplar }) => exemplar.traceId)),
  parked: out.of(topics.parking),
  logs: out.of(topics.logs).flatMap(({ logs }) => logs),
  spans: out.of(topics.spans).flatMap(({ spans }) => spans),
  rejected: out.rejected,
})

const series = ({ points }: ReturnType<typeof outcome>) => points.map(([key, , value]) => `${key} ${value}`)
const brief = ({ parked }: ReturnType<typeof outcome>) =>
  parked.map(({ tenant, reason, value, rejections }) => ({
    tenant,
    reason,
    text: value!.toString(),
    parts: rejections.map(({ position, count }) => [position, count]),
  }))

describe('whose a point is', () => {
  it.each([
    ['a header', { from: 'header' }, { text: 'm v=1', tenant: 'acme' }, 'm.v,tenant=acme 1'],
    ['no header', { from: 'header' }, { text: 'm v=1' }, 'm.v,tenant=default 1'],
    [
      'a header of another name, carried in another tag',
      { from: 'header', name: 'team', tag: 'owner' },
      { text: 'm v=1', headers: { team: 'acme' } },
      'm.v,owner=acme 1',
    ],
    [
      'a header, whatever the agent says in the tag',
      { from: 'header' },
      { text: 'm,tenant=other,host=a v=1', tenant: 'acme' },
      'm.v,host=a,tenant=acme 1',
    ],
    ['a header, carried in no tag', { from: 'header', tag: '' }, { text: 'm v=1', tenant: 'x' }, 'm.v 1'],
    ['a tag', { from: 'tag' }, { text: 'm,tenant=acme v=1' }, 'm.v,tenant=acme 1'],
    [
      'a tag, carried in another one',
      { from: 'tag', name: 'team' },
      { text: 'm,team=acme v=1' },
      'm.v,team=acme,tenant=acme 1',
    ],
    ['no tag', { from: 'tag', default: 'shared' }, { text: 'm v=1' }, 'm.v,tenant=shared 1'],
  ])('is told by %s', (_, tenants, given, expected) => {
    expect(series(run(configOf(tenants), [given]))).toEqual([expected])
  })

  it.each([
    ['telemetry.raw.acme.metrics', 'acme'],
    ['telemetry.raw.acme.metrics.more', 'acme'],
    ['elsewhere.acme', 'default'],
  ])('is told by the topic %s: %s', (topic, expected) => {
    const config = configOf({ from: 'topic', topicPattern: 'telemetry.raw.{tenant}.*' })
    expect(series(run(config, [{ text: 'm v=1' }], { topic }))).toEqual([`m.v,tenant=${expected} 1`])
  })

  it('keeps series of two tenants apart that are called the same', () => {
    const given = ['a', 'b', 'a', 'b'].map((tenant, v) => ({ text: `m,host=h v=${v}`, tenant }))
    expect(series(run(configOf({ from: 'header' }), given))).toEqual([
      'm.v,host=h,tenant=a 0',
      'm.v,host=h,tenant=b 1',
      'm.v,host=h,tenant=a 2',
      'm.v,host=h,tenant=b 3',
    ])
  })

  it('goes with canonical names, with log events and with spans', () => {
    const config = configOf({ from: 'header' }, { names: 'canonical' })
    const line = JSON.stringify({ '@timestamp': new Date(now).toISOString(), message: 'm', level: 'info' })
    const zipkin = JSON.stringify([
      {
        traceId: '463ac35c9f6413ad',
        id: 'a2fb4a1d1a96d312',
        name: 'get',
        timestamp: now * 1_000,
        duration: 9,
      },
    ])
    const { points, logs, spans, rejected } = run(config, [
      { text: 'mem,host=h used_percent=50', tenant: 'a' },
      { text: line, tenant: 'a' },
      { text: zipkin, tenant: 'b' },
    ])
    expect(rejected).toEqual([])
    expect(points.map(([key]) => key)).toEqual([expect.stringContaining(',tenant=a')])
    expect(logs.map(({ attributes }) => attributes.tenant)).toEqual(['a'])
    expect(spans.map(({ attributes }) => attributes.tenant)).toEqual(['b'])
  })

  it('never joins lines of two tenants, and counts what rules make of them for their own', () => {
    const config = configOf({ from: 'header' }, { logRules: [{ points: [{ metric: 'lines', tags: [] }] }] })
    const plain = { 'content-type': 'text/plain' }
    const { logs, points } = run(config, [
      { text: 'ERROR a', tenant: 'a', headers: plain },
      { text: '\tat b', tenant: 'b', headers: plain },
      { text: '\tat c', tenant: 'a', headers: plain },
    ])
    expect(logs.map(({ message, attributes }) => [message, attributes.tenant]).sort()).toEqual([
      ['\tat b', 'b'],
      ['a\n\tat c', 'a'],
    ])
    expect(points.map(([key]) => key).sort()).toEqual(['lines,tenant=a', 'lines,tenant=b'])
  })

  it.each(['x'.repeat(129), Buffer.of(0xff, 0xfe).toString('latin1')])(
    'is refused when it is no name',
    (tenant) => {
      const headers = { tenant: Buffer.from(tenant, 'latin1') }
      const out = new RecordingOutput()
      const raw = record<Buffer | null>(0, Buffer.from('m v=1'), { topic: 'raw', headers })
      taskOf(configOf({ from: 'header' })).process([raw], out)
      expect(out.rejected.map(({ reason }) => reason)).toEqual(['invalid_tenant'])
    },
  )
})

it('members of a set stay apart from values of the same name, also under a tenant’s tag', () => {
  const out = new RecordingOutput()
  const task = taskOf(configOf({ from: 'header' }, { formats: { raw: 'statsd' } }))
  task.process(logOf([{ text: 'a:5|g\na:x|s\na:7|g', tenant: 't' }]), out)
  task.beforeCommit(out)
  const [batch] = out.of(topics.points).map(unpacked)
  expect(batch!.seriesIndex.map((index) => batch!.series[index]!.kind)).toEqual(['gauge', 'set', 'gauge'])
})

describe('what is over quota', () => {
  const quotas = [{ tenant: '*', pointsPerSecond: 2 }]

  it('is parked with its exemplar', () => {
    const config = configOf({ from: 'tag', burstSeconds: 1, quotas })
    const text = [1, 2, 3].map((i) => `m{tenant="a",i="${i}"} ${i} # {trace_id="t${i}"} ${i}`).join('\n')
    const { points, traces, parked } = run(config, [{ text }])
    expect(points).toHaveLength(2)
    expect(traces).toEqual(['t1', 't2'])
    expect(parked).toMatchObject([{ rejections: [{ position: 2 }] }])
  })

  it('is parked whole, by header, with all that it came with', () => {
    const config = configOf({ from: 'header', burstSeconds: 1, quotas })
    const done = run(config, [
      { text: 'm v=1,w=2', tenant: 'a' },
      { text: 'm v=3', tenant: 'a', headers: { more: 'x' } },
      { text: 'm v=4', tenant: 'b' },
      { text: 'm v=5', tenant: 'a', at: 1 },
    ])
    expect(done.points.map(([, , value]) => value)).toEqual([1, 2, 4, 5])
    expect(done.parked).toEqual([
      expect.objectContaining({
        stage: 'normalizer',
        reason: 'quota_points',
        tenant: 'a',
        detail: expect.stringContaining('2 points/s'),
        topic: 'raw',
        offset: 1,
        timestamp: now,
        rejections: [],
      }),
    ])
    expect(done.parked[0]!.headers.map(({ key, value }) => [key, value.toString()])).toEqual([
      ['more', 'x'],
      ['tenant', 'a'],
    ])
  })

  it('is parked by bytes before it is read', () => {
    const config = configOf({
      from: 'header',
      burstSeconds: 1,
      quotas: [{ tenant: '*', bytesPerSecond: 10 }],
    })
    const done = run(config, [
      { text: `m v=1\n${' '.repeat(40)}`, tenant: 'a' },
      { text: 'not to be read', tenant: 'a', at: 3 },
      { text: 'm v=2', tenant: 'a', at: 5 },
    ])
    expect(done.points.map(([, , value]) => value)).toEqual([1, 2])
    expect(brief(done)).toEqual([{ tenant: 'a', reason: 'quota_bytes', text: 'not to be read', parts: [] }])
  })

  it('is parked line by line, by tag, once for each tenant', () => {
    const config = configOf({ from: 'tag', burstSeconds: 1, quotas })
    const text = [
      'm,tenant=a v=1,w=2',
      'm,tenant=a v=3',
      'm,tenant=a v=4',
      'm,tenant=b v=5,w=6',
      'm,tenant=b v=7',
      'm,tenant=a v=8',
      'oops',
    ].join('\n')
    const done = run(config, [{ text }])
    expect(done.points.map(([, , value]) => value)).toEqual([1, 2, 5, 6])
    expect(brief(done)).toEqual([
      {
        tenant: 'a',
        reason: 'quota_points',
        text,
        parts: [
          [1, 2],
          [5, 1],
        ],
      },
      { tenant: 'b', reason: 'quota_points', text, parts: [[4, 1]] },
    ])
    // The part that is wrong is refused alone: the parked ones are in their own letters.
    expect(done.rejected.map(({ refusals }) => refusals.map(({ position }) => position))).toEqual([[6]])
  })

  it('is parked with the numbers that are out of range: they come again with their part, and not alone', () => {
    const config = configOf(
      { from: 'tag', burstSeconds: 1, quotas },
      { pointRules: [{ metric: 'm.*', range: { max: 100 } }] },
    )
    const text = 'm,tenant=a v=500,w=1,x=6\nm,tenant=a v=2,w=700,x=3\nm,tenant=b v=900,w=4'
    const { points, parked, rejected } = run(config, [{ text }])
    expect(points.map(([, , value]) => value)).toEqual([1, 6, 4])
    expect(parked.flatMap(({ rejections }) => rejections)).toMatchObject([{ position: 1, value: null }])
    expect(rejected[0]!.refusals).toMatchObject([
      { position: 0, value: 0, reason: 'out_of_range' },
      { position: 2, value: 0, reason: 'out_of_range' },
    ])
  })

  it('is parked with those of its numbers alone that come again', () => {
    const config = configOf({ from: 'tag', burstSeconds: 1, quotas })
    const headers = {
      'tidemark-redriven-from': 'telemetry.deadletter/0/1',
      'tidemark-timestamp': String(now),
      'tidemark-positions': '0.1,0.2,1,2',
    }
    const text = ['v=1,w=2,x=3', 'v=4', 'v=5'].map((fields) => `m,tenant=a ${fields}`).join('\n')
    const used = 'm,tenant=a v=1,w=2'
    const { points, parked } = run(config, [{ text: used }, { text, headers }])
    expect(points.map(([, , value]) => value)).toEqual([1, 2])
    expect(parked[0]!.rejections.map(({ position, count, value }) => [position, count, value])).toEqual([
      [0, 1, 1],
      [0, 1, 2],
      [1, 2, null],
    ])
  })

  it.each(['header', 'tag'])(
    'is parked when it shows too many series, by %s, while known ones go on',
    (from) => {
      const config = configOf({ from, seriesWindowMs: 10_000, quotas: [{ tenant: '*', series: 2 }] })
      const line = (host: string, v: number, more = '') => `m,tenant=a,host=${host} v=${v}${more}`
      const first = [line('h', 0), line('i', 1), line('j', 2), line('h', 3, ',w=4'), line('i', 5)].join('\n')
      const done = run(config, [
        { text: first, tenant: 'a' },
        { text: line('k', 6).replace('tenant=a', 'tenant=b'), tenant: 'b' },
        { text: line('j', 7), tenant: 'a', at: 9 },
        // Another window.
        { text: [line('j', 8), line('k', 9), line('h', 10)].join('\n'), tenant: 'a', at: 10 },
      ])
      expect(done.points.map(([, , value]) => value)).toEqual([0, 1, 5, 6, 8, 9])
      expect(brief(done).map(({ tenant, reason, parts }) => ({ tenant, reason, parts }))).toEqual([
        { tenant: 'a', reason: 'quota_series', parts: [[2, 2]] },
        { tenant: 'a', reason: 'quota_series', parts: [[0, 1]] },
        { tenant: 'a', reason: 'quota_series', parts: [[2, 1]] },
      ])
    },
  )

  it('takes a part that alone has too many series, when it is the first', () => {
    const config = configOf({ from: 'header', seriesWindowMs: 10_000, quotas: [{ tenant: '*', series: 2 }] })
    const done = run(config, [
      { text: 'm a=1,b=2,c=3', tenant: 't' },
      { text: 'm d=4', tenant: 't' },
      { text: 'm d=5', tenant: 't', at: 10 },
      { text: 'm a=6,b=7,c=8', tenant: 't', at: 10 },
    ])
    expect(done.points.map(([, , value]) => value)).toEqual([1, 2, 3, 5])
    expect(brief(done).map(({ text }) => text)).toEqual(['m d=4', 'm a=6,b=7,c=8'])
  })

  it('counts series that come as histograms, and tells one tenant’s from another’s that is called so in a tag', () => {
    const config = configOf({ from: 'header', quotas: [{ tenant: '*', series: 1 }] })
    const text = [
      '# TYPE h histogram',
      'h_bucket{le="1"} 1',
      'h_bucket{le="+Inf"} 1',
      'h_sum 1',
      'h_count 1',
    ].join('\n')
    const done = run(config, [
      { text, tenant: 'a' },
      { text: 'm,tenant=a v=1', tenant: 'b' },
      { text: text.replace('TYPE h ', 'TYPE i ').replaceAll('h_', 'i_'), tenant: 'a' },
      { text: 'm v=2', tenant: 'b' },
      { text: 'm v=3', tenant: 'a' },
    ])
    expect(done.points.map(([key, , value]) => [key, value])).toEqual([
      ['m.v,tenant=b', 1],
      ['m.v,tenant=b', 2],
    ])
    expect(brief(done).map(({ tenant, reason }) => [tenant, reason])).toEqual([
      ['a', 'quota_series'],
      ['a', 'quota_series'],
    ])
  })

  it('is parked with a reason of its own when the capacity is shared', () => {
    const config = configOf({ from: 'header', burstSeconds: 1, capacity: { pointsPerSecond: 2 } })
    const done = run(config, [
      { text: 'm v=1', tenant: 'a' },
      { text: 'm v=2', tenant: 'b' },
      { text: 'm v=3', tenant: 'a' },
    ])
    expect(brief(done)).toEqual([{ tenant: 'a', reason: 'share_points', text: 'm v=3', parts: [] }])
  })

  it('is divided over the partitions of the topic', () => {
    const config = configOf({
      from: 'header',
      burstSeconds: 1,
      quotas: [{ tenant: '*', pointsPerSecond: 8 }],
    })
    const given = [1, 2, 3, 4].map((v) => ({ text: `m v=${v}`, tenant: 'a' }))
    expect(run(config, given, { partitions: 4 }).points.length).toBe(2)
  })

  it('is counted in few labels, whatever tenants call themselves', async () => {
    const config = configOf({
      from: 'header',
      burstSeconds: 1,
      quotas: [
        { tenant: 'known', pointsPerSecond: 1 },
        { tenant: '*', pointsPerSecond: 1 },
      ],
    })
    const context = taskContext({ topic: 'raw', now })
    const task = new NormalizerTask(config, topics, context)
    const given = ['known', 'x', 'y', 'z'].flatMap((tenant) => [1, 2].map(() => ({ text: 'm v=1', tenant })))
    task.process(logOf(given), new RecordingOutput())
    const shown = (await context.metrics.expose()).split('\n').filter((line) => /tenant=/.test(line))
    expect(shown.sort()).toEqual([
      'tidemark_normalizer_parked_records_total{tenant="known",reason="quota_points"} 1',
      'tidemark_normalizer_parked_records_total{tenant="other",reason="quota_points"} 3',
      'tidemark_normalizer_tenant_bytes_total{tenant="known"} 5',
      'tidemark_normalizer_tenant_bytes_total{tenant="other"} 15',
      'tidemark_normalizer_tenant_points_total{tenant="known"} 1',
      'tidemark_normalizer_tenant_points_total{tenant="other"} 3',
    ])
  })
})

/** Records of some tenants, on a clock that now and then goes on. */
const anyLine = fc
  .record({
    tenant: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    fields: fc.integer({ min: 1, max: 4 }),
    kind: fc.constantFrom('good', 'good', 'good', 'good', 'bad', 'text'),
  })
  .map(({ tenant, fields, kind }) =>
    kind === 'bad' ? 'oops' : kind === 'text' ? `n,tenant=${tenant} s="x"` : { tenant, fields },
  )
const anyLog = fc
  .array(
    fc.record({
      lines: fc.array(anyLine, { minLength: 1, maxLength: 6 }),
      tenant: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      apart: fc.constantFrom(0, 0, 0, 0.4, 1, 3, 6),
      isLog: fc.constantFrom(false, false, true),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((records) => {
    let at = 0
    // Each value comes once, so that what is lost or doubled is seen.
    let value = 0
    return records.map(({ lines, tenant, apart, isLog }): Given => {
      at += apart
      if (isLog)
        return {
          text: lines.map((_, i) => (i === 0 ? `ERROR ${value++}` : `\tat ${value++}`)).join('\n'),
          tenant,
          at,
          headers: { 'content-type': 'text/plain' },
        }
      const text = lines
        .map((line) =>
          typeof line === 'string'
            ? line
            : `m,tenant=${line.tenant} ${Array.from({ length: line.fields }, (_, f) => `f${f}=${value++}`)}`,
        )
        .join('\n')
      return { text, tenant, at }
    })
  })

const anyConfig = fc.constantFrom(
  ...(['header', 'tag'] as const).flatMap((from) => [
    configOf({ from, burstSeconds: 1, maxTenants: 3, quotas: [{ tenant: '*', pointsPerSecond: 3 }] }),
    configOf({
      from,
      burstSeconds: 2,
      maxTenants: 4,
      quotas: [
        { tenant: 'a', pointsPerSecond: 2 },
        { tenant: 'b', weight: 3 },
      ],
      capacity: { pointsPerSecond: 6 },
    }),
    configOf({
      from,
      burstSeconds: 1,
      maxTenants: 4,
      seriesWindowMs: 10_000,
      quotas: [
        { tenant: 'a', series: 2, pointsPerSecond: 4 },
        { tenant: '*', series: 3, pointsPerSecond: 6 },
      ],
    }),
  ]),
  configOf({
    from: 'header',
    burstSeconds: 1,
    quotas: [{ tenant: '*', bytesPerSecond: 60, pointsPerSecond: 5 }],
  }),
)

/** What is parked, as its topic's records again, in the order of the letters. */
const redriven = (letters: readonly DeadLetter[], after: number, timestamp: number): readonly Raw[] =>
  letters.map((letter, index) => {
    const place = { topic: 'telemetry.parking', partition: 0, offset: index, timestamp }
    const { key, value, headers } = recordOf(letter, place, 1)
    return record<Buffer | null>(after + index, value, { topic: 'raw', timestamp, key, headers })
  })

describe('quotas', () => {
  it('lose nothing and double nothing: in = out + parked, and what is parked comes in at last', () => {
    fc.assert(
      fc.property(anyConfig, anyLog, (config, given) => {
        const out = new RecordingOutput()
        const task = taskOf(config)
        const log = logOf(given)
        task.process(log, out)
        let offset = log.length
        let timestamp = now + given.at(-1)!.at! * 1_000
        let letters = out.of(topics.parking)
        let seen = letters.length
        // Each time at least one record of each tenant comes in, so this ends.
        for (let round = 0; letters.length > 0; round++) {
          expect(round).toBeLessThan(200)
          timestamp += 10_000
          const records = redriven(letters, offset, timestamp)
          task.process(records, out)
          offset += records.length
          letters = out.of(topics.parking).slice(seen)
          seen += letters.length
        }
        for (const step of task.quiet) step.act(out)
        task.beforeCommit(out)
        const unlimited = new RecordingOutput()
        const free = taskOf(configOf({ from: config.tenants.from }))
        free.process(log, unlimited)
        for (const step of free.quiet) step.act(unlimited)
        free.beforeCommit(unlimited)
        const sorted = (recorded: RecordingOutput) =>
          outcome(recorded)
            .points.map((point) => point.join(' '))
            .sort()
        expect(sorted(out)).toEqual(sorted(unlimited))
        const lines = (recorded: RecordingOutput) =>
          outcome(recorded)
            .logs.flatMap(({ message, attributes }) =>
              message.split('\n').map((line) => `${attributes.tenant} ${line}`),
            )
            .sort()
        expect(lines(out)).toEqual(lines(unlimited))
      }),
      { numRuns: 200, interruptAfterTimeLimit: 30_000 },
    )
  })

  it('decide the same after crashes at any commit, and however the log is cut', () => {
    fc.assert(
      fc.property(
        anyConfig,
        anyLog,
        fc.array(fc.nat(), { minLength: 1, maxLength: 5 }),
        (config, given, crashes) => {
          const log = logOf(given)
          const { undisturbed, survived } = runWithCrashes(log, crashes, (memo) => taskOf(config, { memo }))
          expect(sortedOutcome(survived.out)).toEqual(sortedOutcome(undisturbed.out))
          const resume = survived.task.resumePoint()
          if (resume) expect(parts(resume.memo)).toEqual(parts(undisturbed.task.resumePoint()!.memo))
        },
      ),
      { numRuns: 300, interruptAfterTimeLimit: 30_000 },
    )
  })

  it('make nothing of a memo that is damaged', () => {
    const config = configOf({ from: 'header', quotas: [{ tenant: '*', pointsPerSecond: 5 }] })
    for (const memo of ['OOPS!', 'oops?', '5!oops?', 'a,b'])
      expect(() => taskOf(config, { memo: `;;;${memo}` })).toThrow(RangeError)
  })

  it('say nothing of what was read before', () => {
    const config = configOf({
      from: 'header',
      burstSeconds: 1,
      quotas: [{ tenant: '*', pointsPerSecond: 1 }],
    })
    const task = taskOf(config)
    task.process(
      logOf([
        { text: 'm v=1', tenant: 'a' },
        { text: 'm v=2', tenant: 'a' },
      ]),
      discarded,
    )
    expect(task.resumePoint()!.memo).toBe('')
  })
})

/** Batches may be cut elsewhere: what is in them counts. Accounts may stand in another order. */
const sortedOutcome = (out: RecordingOutput) => {
  const { points, parked, logs, rejected } = outcome(out)
  return { points: points.map((point) => point.join(' ')).sort(), parked, logs, rejected }
}
const parts = (memo: string) => memo.split(';').map((part) => part.split(',').sort())

describe('settings', () => {
  it.each([
    [{ quotas: [{ tenant: 'a', pointsPerSecond: 1 }] }, 'quotas and capacity need it'],
    [{ from: 'topic', topicPattern: 'raw.*' }, '{tenant} once'],
    [{ from: 'tag', quotas: [{ tenant: 'a', bytesPerSecond: 1 }] }, 'bytes are those of whole records'],
    [{ from: 'topic', topicPattern: '{tenant}', capacity: { pointsPerSecond: 1 } }, 'nothing to share'],
    [{ from: 'header', quotas: [{ tenant: 'a' }] }, 'limits nothing'],
    [{ from: 'header', quotas: [1, 2].map(() => ({ tenant: 'a', pointsPerSecond: 1 })) }, 'two quotas of a'],
    [
      { from: 'header', maxTenants: 1, quotas: [{ tenant: 'a', pointsPerSecond: 1 }] },
      'more than the number of quotas',
    ],
    [
      { from: 'header', maxTenants: 150, quotas: [{ tenant: 'a', pointsPerSecond: 1 }] },
      'a commit has room for 73 beside',
    ],
  ])('that can’t be kept are refused: %j', (tenants, sentence) => {
    const { error } = normalizerSection.schema.safeParse({ tenants })
    expect(error?.issues.map(({ message }) => message).join()).toContain(sentence)
  })
})

it('leaves the batches of points as they are without tenants', () => {
  const out = new RecordingOutput()
  const task = taskOf(configOf({}))
  task.process(logOf([{ text: 'm,host=a v=1', tenant: 'x' }]), out)
  task.beforeCommit(out)
  expect(out.of(topics.points).map((batch) => unpacked(batch).series)).toEqual([
    [expect.objectContaining({ metric: 'm.v', tags: [{ key: 'host', value: 'a' }] })],
  ])
})
