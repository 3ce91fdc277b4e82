import avro from 'avsc'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { completeSchema } from '../../../../shared/avro/schemas.ts'
import type { PointBatch } from '../../../../shared/avro/types.ts'
import { ConfigurationError } from '../../../../shared/errors.ts'
import { unpacked } from '../../../../shared/points/unpack.ts'
import { hashText, seriesKey } from '../../../../shared/series/series.ts'
import { now, pointsOf, normalize as run } from '../../../support/normalize.ts'
import { RecordingOutput } from '../../../support/recording-output.ts'
import { record, topics } from '../../../support/task-context.ts'

describe('the normalizer and line protocol', () => {
  const ns = `${now}000000`
  it.each<[string, string, readonly (readonly [string, number])[]]>([
    ['a float', `m v=1.5 ${ns}`, [['m.v', 1.5]]],
    [
      'several fields',
      `m,host=a b=1,c=-2.25e3 ${ns}`,
      [
        ['m.b,host=a', 1],
        ['m.c,host=a', -2250],
      ],
    ],
    ['a field called value', `m value=3 ${ns}`, [['m', 3]]],
    [
      'integers and unsigned',
      `m a=42i,b=-7i,c=9u ${ns}`,
      [
        ['m.a', 42],
        ['m.b', -7],
        ['m.c', 9],
      ],
    ],
    [
      'booleans',
      `m a=t,b=TRUE,c=False,d=f ${ns}`,
      [
        ['m.a', 1],
        ['m.b', 1],
        ['m.c', 0],
        ['m.d', 0],
      ],
    ],
    ['strings passed over', `m a="x, y=1 \\" z",b=2 ${ns}`, [['m.b', 2]]],
    ['a line break in a string', `m a="x\ny",b=2 ${ns}`, [['m.b', 2]]],
    [
      'escapes',
      `my\\ m\\,x,t\\ a\\=g=v\\,a\\ l\\=ue f\\ i\\=eld\\,d=1 ${ns}`,
      [['my m\\,x.f i\\=eld\\,d,t a\\=g=v\\,a l\\=ue', 1]],
    ],
    ['tags in any order', `m,b=2,a=1 v=1 ${ns}`, [['m.v,a=1,b=2', 1]]],
    ['other backslashes as they are', `m,p=C:\\dir v=1 ${ns}`, [['m.v,p=C:\\\\dir', 1]]],
    [
      'several lines, a comment, blank lines and CRLF',
      `# hello\r\nm v=1 ${ns}\r\n\r\n  m v=2 ${ns}\n#end`,
      [
        ['m.v', 1],
        ['m.v', 2],
      ],
    ],
    [
      'numbers without digits on one side',
      `m a=1.,b=.5,c=+3 ${ns}`,
      [
        ['m.a', 1],
        ['m.b', 0.5],
        ['m.c', 3],
      ],
    ],
    ['any Unicode', `météo,ville=東京🎉 °C=21.5 ${ns}`, [['météo.°C,ville=東京🎉', 21.5]]],
    ['no timestamp', 'm v=1', [['m.v', 1]]],
  ])('takes %s', (_, text, expected) => {
    const { points, out } = run([text])
    expect(out.rejected).toEqual([])
    expect(points).toEqual(expected.map(([series, value]) => [series, now, value]))
  })

  it.each([
    ['ns', '1700000000123456789', 1_700_000_000_123],
    ['us', '1700000000123456', 1_700_000_000_123],
    ['ms', '1700000000123', 1_700_000_000_123],
    ['s', '1700000000', 1_700_000_000_000],
    ['m', '28333333', 1_699_999_980_000],
    ['h', '472222', 1_699_999_200_000],
  ])('reads timestamps in %s', (precision, text, time) => {
    expect(run([`m v=1 ${text}`], { headers: { precision: Buffer.from(precision) } }).points).toEqual([
      ['m.v', time, 1],
    ])
    expect(run([`m v=1 ${text}`], { settings: { timestampPrecision: precision as 'ns' } }).points).toEqual([
      ['m.v', time, 1],
    ])
  })

  it('refuses a record whose header names no unit of time', () => {
    const { out } = run([`m v=1 ${ns}`], { headers: { precision: Buffer.from('d') } })
    expect(out.rejected).toMatchObject([{ reason: 'invalid_precision' }])
  })

  it('reads numbers as Number() does', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), (value, fixed) => {
        const text = fixed && Math.abs(value) < 1e15 ? value.toFixed(6) : String(value)
        expect(run([`m v=${text} ${ns}`]).points[0]?.[2]).toBe(Number(text))
      }),
    )
  })

  it('reads what it was written from, whatever the names', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((text) => !/[\n\r\t"]|\\|^#|^\s|\s$/.test(text) && text.trim() !== '')
    const escaped = (text: string) => text.replace(/[,= ]/g, '\\$&')
    fc.assert(
      fc.property(
        name,
        fc.dictionary(name, name, { maxKeys: 4 }),
        name,
        fc.integer(),
        (measurement, tags, field, value) => {
          fc.pre(!('__proto__' in tags && Object.hasOwn(tags, '__proto__')))
          const head = [
            measurement.replace(/[, ]/g, '\\$&'),
            ...Object.entries(tags).map(([key, text]) => `${escaped(key)}=${escaped(text)}`),
          ].join(',')
          const line = `${head} ${escaped(field)}=${value}i ${ns}`
          // Named, since a measurement called `{#` looks like JSON.
          const { out } = run([line], { settings: { formats: { raw: 'influx' } } })
          expect(out.rejected).toEqual([])
          const [series] = out.of(topics.points)[0]!.series
          expect(series!.metric).toBe(field === 'value' ? measurement : `${measurement}.${field}`)
          expect(Object.fromEntries(series!.tags.map(({ key, value: text }) => [key, text]))).toEqual(tags)
        },
      ),
    )
  })
})

describe('the normalizer and bad input', () => {
  it.each<[string, string | Buffer | null, string]>([
    ['no value', null, 'empty'],
    ['an empty value', '', 'empty'],
    ['bytes', Buffer.from([0x6d, 0x20, 0x76, 0x3d, 0xff]), 'not_utf8'],
    ['text', 'hello world', 'unknown_format'],
    ['a number without a name', 'm =1', 'unparseable'],
    ['no fields', 'm,a=b c=', 'unparseable'],
    ['a tag without a value', 'm,a= v=1', 'unparseable'],
    ['an open quote', 'm v="x', 'unparseable'],
    ['two timestamps', 'm v=1 1700000000000000000 5', 'unparseable'],
    ['hexadecimal', 'm v=0x10', 'unparseable'],
    ['NaN', 'm v=NaN', 'not_finite'],
    ['infinity', 'm v=-inf', 'not_finite'],
    ['more than a double holds', 'm v=1e999', 'not_finite'],
    ['1970', 'm v=1 1000', 'timestamp_too_old'],
    ['2099', `m v=1 ${Date.UTC(2099, 0)}000000`, 'timestamp_in_future'],
    ['a time that is none', 'm v=1 noon', 'invalid_timestamp'],
    ['the same tag twice', 'm,a=1,a=2 v=1', 'duplicate_tag'],
    ['a name too long', `${'m'.repeat(2_000)} v=1`, 'name_too_long'],
    ['too many tags', `m${Array.from({ length: 65 }, (_, i) => `,t${i}=x`).join('')} v=1`, 'too_many_tags'],
    ['more than is read', Buffer.alloc(2_000_000, 'm v=1\n'), 'too_large'],
    ['half of JSON', '{"message": "x"', 'unknown_format'],
    ['JSON of no known form', '{"a": 1}', 'unknown_format'],
    ['a log of 1970', '{"@timestamp": "1970-01-01T00:00:01Z", "message": "x"}', 'timestamp_too_old'],
    ['a log without a time in its time', '{"@timestamp": "noon", "message": "x"}', 'invalid_timestamp'],
    ['a log nested too deep', `{"message": "x", "a": ${'{"a":'.repeat(50)}1${'}'.repeat(50)}}`, 'too_deep'],
  ])('refuses %s', (_, value, reason) => {
    const { out } = run([value])
    expect(out.rejected.map((rejected) => rejected.reason)).toEqual([reason])
    expect(out.rejected[0]!.detail.length).toBeGreaterThan(5)
    expect(out.sent).toEqual([])
  })

  it('takes the good lines of a message and says which it refused', () => {
    const { out, points } = run(['m v=1\nm v=oops\nm v=3\n\nm v=NaN'])
    expect(points.map(([, , value]) => value)).toEqual([1, 3])
    expect(out.rejected).toMatchObject([
      { reason: 'unparseable', refusals: [{ position: 1 }, { position: 4, reason: 'not_finite' }] },
    ])
  })

  it('takes a line whole or not at all', () => {
    expect(run(['m a=1,b=oops']).points).toEqual([])
  })

  it('never throws, whatever the bytes', () => {
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
      fc
        .string({
          unit: fc.constantFrom('m', ',', '=', ' ', '"', '\\', '\n', '1', '.', 'e', 'i', '#', '\r', 't', '-'),
          maxLength: 60,
        })
        .map((text) => Buffer.from(text)),
      fc.json().map((text) => Buffer.from(text)),
    )
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const { out } = run([bytes])
        for (const [, time, value] of out.of(topics.points).flatMap(pointsOf))
          expect([Number.isFinite(time), Number.isFinite(value)]).toEqual([true, true])
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('the normalizer and Telegraf JSON', () => {
  const metric = {
    name: 'cpu',
    tags: { host: 'a', empty: '' },
    fields: { user: 1.5, up: true, name: 'x' },
    timestamp: now / 1000,
  }
  const points = [
    ['cpu.user,host=a', now, 1.5],
    ['cpu.up,host=a', now, 1],
  ]

  it.each([
    ['one metric', metric],
    ['a batch', { metrics: [metric] }],
    ['a list', [metric]],
  ])('reads %s', (_, json) => {
    expect(run([JSON.stringify(json)]).points).toEqual(points)
  })

  it('goes on after a bad metric', () => {
    const { out, points: taken } = run([JSON.stringify({ metrics: [{ name: 1 }, metric] })])
    expect(taken).toEqual(points)
    expect(out.rejected).toMatchObject([{ refusals: [{ position: 0, reason: 'unparseable' }] }])
  })
})

describe('the normalizer and ECS JSON', () => {
  const base = { '@timestamp': '2023-11-14T22:13:20.000Z', message: 'hello' }

  it('reads nested and dotted names alike', () => {
    const nested = {
      ...base,
      log: { level: 'WARN' },
      service: { name: 's' },
      host: { name: 'h' },
      trace: { id: 't' },
      span: { id: 'p' },
      http: { status: 502, ok: false, tags: ['a'] },
    }
    const dotted = {
      ...base,
      'log.level': 'WARN',
      'service.name': 's',
      'host.name': 'h',
      'trace.id': 't',
      'span.id': 'p',
      'http.status': 502,
      'http.ok': false,
      'http.tags': ['a'],
    }
    const expected = {
      id: `raw-0-0-0-${now.toString(36)}`,
      time: now,
      message: 'hello',
      service: 's',
      host: 'h',
      level: 'warn',
      traceId: 't',
      spanId: 'p',
      attributes: { 'log.level': 'WARN', 'http.status': '502', 'http.ok': 'false', 'http.tags': '["a"]' },
    }
    for (const event of [nested, dotted]) expect(run([JSON.stringify(event)]).logs).toEqual([expected])
  })

  it.each([
    ['one a line', `${JSON.stringify(base)}\n${JSON.stringify(base)}\n`],
    ['a list', JSON.stringify([base, base])],
  ])('reads %s, each with an id of its own', (_, text) => {
    expect(run([text]).logs.map(({ id }) => id)).toEqual(
      [0, 1].map((position) => `raw-0-0-${position}-${now.toString(36)}`),
    )
  })

  it.each([
    ['emerg', 'fatal'],
    ['CRITICAL', 'fatal'],
    ['err', 'error'],
    ['Error', 'error'],
    ['SEVERE', 'error'],
    ['warning', 'warn'],
    ['notice', 'info'],
    ['information', 'info'],
    ['debug', 'debug'],
    ['FINEST', 'trace'],
    ['loud', 'unknown'],
  ])('takes %s for %s', (word, level) => {
    expect(run([JSON.stringify({ ...base, 'log.level': word })]).logs[0]!.level).toBe(level)
  })

  it('is not fooled by names of JavaScript, and mends lone surrogates', () => {
    const { logs } = run(['{"message": "a\\ud800b", "__proto__": {"polluted": 1}, "constructor": "x"}'])
    expect(logs[0]!.message).toBe('a\ufffdb')
    expect(Object.entries(logs[0]!.attributes)).toEqual([
      ['__proto__.polluted', '1'],
      ['constructor', 'x'],
    ])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('keeps what is beyond the limit of attributes together', () => {
    const { logs } = run([JSON.stringify({ ...base, a: 1, b: 2, c: 3 })], { settings: { maxAttributes: 1 } })
    expect(logs[0]!.attributes).toEqual({ a: '1', overflow: '{"b":"2","c":"3"}' })
  })
})

describe('the batches of the normalizer', () => {
  const raw = (offset: number, text: string) =>
    record(offset, Buffer.from(text), { topic: 'raw', timestamp: now + offset })

  it('have right dictionaries, commit after commit', () => {
    const { task } = run(['m,s=1 v=1\nm,s=2 v=2'])
    for (const text of ['m,s=2 v=3\nm,s=1 v=4\nm,s=2 v=5', 'm,s=3 v=6\nm,s=1 v=7']) {
      const out = new RecordingOutput()
      task.process([raw(9, text)], out)
      task.beforeCommit(out)
      const expected = text.split('\n').map((line) => [`m.v,s=${line[4]}`, now + 9, Number(line.at(-1))])
      expect(out.of(topics.points).flatMap(pointsOf)).toEqual(expected)
    }
  })

  it('gather the points of all calls until a commit, in their order, and name the records they are from', () => {
    const { task } = run([])
    const out = new RecordingOutput()
    task.process([raw(3, 'm,s=1 v=1'), raw(4, 'm,s=2 v=2')], out)
    task.process([raw(6, 'm,s=1 v=3'), raw(7, '# nothing')], out)
    expect(out.sent).toEqual([])
    task.beforeCommit(out)
    const batches = out.of(topics.points)
    expect(batches.map(({ series }) => series.map(seriesKey))).toEqual([['m.v,s=1', 'm.v,s=2']])
    expect(batches.flatMap(pointsOf).map(([, , value]) => value)).toEqual([1, 2, 3])
    expect(batches[0]!.source).toEqual({
      topic: 'raw',
      partition: 0,
      firstOffset: 3,
      lastOffset: 7,
      lastTimestamp: now + 7,
      partitions: 1,
    })
  })

  it('leave nothing for a second commit', () => {
    const { task } = run(['m v=1'])
    const out = new RecordingOutput()
    task.beforeCommit(out)
    expect(out.sent).toEqual([])
  })

  it('begin where the first record with a point for their partition stands', () => {
    const { out } = run(['m,s=0 v=1', ...Array.from({ length: 40 }, (_, i) => `m,s=${i} v=1`)], {
      partitions: 5,
    })
    for (const { partition, value } of out.sent) {
      const { source, series, seriesIndex } = unpacked(value as PointBatch)
      const [first] = series
      const from = Number(first!.tags[0]!.value)
      expect([partition, source.firstOffset]).toEqual([partition, from === 0 ? 0 : from + 1])
      expect([source.lastOffset, seriesIndex[0]]).toEqual([40, 0])
    }
    expect(out.sent.length).toBe(5)
  })

  it('keep what is good around a record that is refused', () => {
    const { out, points } = run(['m v=1', 'hello', 'm v=2', null, 'm v=3'])
    expect(points.map(([, , value]) => value)).toEqual([1, 2, 3])
    expect(out.rejected.map(({ offset }) => offset)).toEqual([1, 3])
    expect(out.of(topics.points).map(({ source }) => [source.firstOffset, source.lastOffset])).toEqual([
      [0, 4],
    ])
  })

  it('are the same however the records are cut into calls', () => {
    const lines = fc.array(
      fc
        .record({ series: fc.nat(9), value: fc.nat(99), good: fc.boolean() })
        .map(({ series, value, good }) => `m,s=${series} v=${good ? value : 'oops'}`),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(
        lines,
        fc.array(fc.nat(30), { maxLength: 5 }),
        fc.integer({ min: 1, max: 8 }),
        (texts, cuts, most) => {
          const options = { settings: { maxPointsInRecord: most }, partitions: 3 }
          const whole = run(texts, options).out
          const { task } = run([], options)
          const out = new RecordingOutput()
          const bounds = [0, ...cuts.filter((cut) => cut < texts.length).sort((a, b) => a - b), texts.length]
          const records = texts.map((text, offset) =>
            record(offset, Buffer.from(text), { topic: 'raw', timestamp: now }),
          )
          for (let i = 1; i < bounds.length; i++) task.process(records.slice(bounds[i - 1], bounds[i]), out)
          task.beforeCommit(out)
          expect(out.sent).toEqual(whole.sent)
          expect(out.rejected).toEqual(whole.rejected)
        },
      ),
    )
  })

  it('fit into a produce request, however long their names', () => {
    const long = 'x'.repeat(1_000)
    const texts = Array.from({ length: 2_000 }, (_, i) => `m,a=${long},s=${i} v=1`)
    const batches = run(texts).out.of(topics.points)
    expect(batches.flatMap(pointsOf).length).toBe(2_000)
    expect(batches.length).toBeGreaterThan(2)
    const type = avro.Type.forSchema(completeSchema('PointBatch') as avro.Schema)
    for (const batch of batches) expect(type.toBuffer(batch).length).toBeLessThan(850_000)
    for (const batch of batches.slice(0, -1)) expect(type.toBuffer(batch).length).toBeGreaterThan(800_000)
  })

  it('hold no more points than they may, each series once, and say where they came from', () => {
    const { out } = run(
      Array.from({ length: 5 }, (_, i) => `m,s=${i % 2} v=${i}`),
      { settings: { maxPointsInRecord: 2 } },
    )
    const batches = out.of(topics.points)
    expect(batches.map((batch) => unpacked(batch).values)).toEqual([[0, 1], [2, 3], [4]])
    expect(batches.map(({ source }) => [source.firstOffset, source.lastOffset])).toEqual([
      [0, 1],
      [2, 3],
      [4, 4],
    ])
    for (const { series } of batches) expect(new Set(series.map(seriesKey)).size).toBe(series.length)
  })

  it('go to the partition of their series', () => {
    const { out } = run(
      Array.from({ length: 50 }, (_, i) => `m,s=${i} v=1`),
      { partitions: 7 },
    )
    expect(new Set(out.sent.map(({ partition }) => partition)).size).toBeGreaterThan(3)
    for (const { partition, value } of out.sent) {
      for (const series of (value as PointBatch).series)
        expect(hashText(seriesKey(series)) % 7).toBe(partition)
    }
  })
})

describe('the choice of a format', () => {
  it('goes by configuration before anything else', () => {
    expect(
      run(['{"@timestamp": 1}'], { settings: { formats: { raw: 'influx' } } }).out.rejected[0]?.reason,
    ).toBe('unparseable')
  })

  it('goes by a content-type that is exact', () => {
    const { out } = run(['m v=1'], {
      headers: { 'content-type': Buffer.from('application/vnd.ecs+json; charset=utf-8') },
    })
    expect(out.rejected[0]?.reason).toBe('unparseable')
  })

  it('is made anew for each record of a topic that carries several', () => {
    const { points, logs } = run(['m v=1', '{"message": "x"}', 'm v=2'])
    expect([points.length, logs.length]).toEqual([2, 1])
  })

  it('refuses a configuration that names none', () => {
    expect(() => run(['m v=1'], { settings: { formats: { raw: 'morse' } } })).toThrow(ConfigurationError)
  })
})
