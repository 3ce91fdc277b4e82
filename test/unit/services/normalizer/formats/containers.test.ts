import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalize, now } from '../../../../support/normalize.ts'
import { topics } from '../../../../support/task-context.ts'

type Options = Parameters<typeof normalize>[1]

/** What comes of records, once nothing follows. */
function run(values: readonly string[], options: Options = {}) {
  const { task, out } = normalize(values, options)
  for (const { act } of task.quiet) act(out)
  return { out, logs: out.of(topics.logs).flatMap(({ logs }) => logs) }
}

const t = '2023-11-14T22:13:20.123456789Z'
const time = now + 123

describe('lines of Kubernetes’ container runtimes', () => {
  it('are read with the runtime’s time and stream, and the level that stands in them', () => {
    const { logs } = run([
      `${t} stderr F ERROR it broke\n${t} stdout F hello\n2023-11-15T00:13:20.5+02:00 stdout F x`,
    ])
    expect(logs).toMatchObject([
      // Each stream waits by itself.
      { time, level: 'unknown', message: 'hello', attributes: { 'log.iostream': 'stdout' } },
      { time, level: 'error', message: 'it broke', attributes: { 'log.iostream': 'stderr' } },
      { time: now + 500, message: 'x' },
    ])
  })

  it.each([
    ['in one record', [`${t} stdout P one \n${t} stderr F other\n${t} stdout P two \n${t} stdout F three`]],
    [
      'in a record each',
      [`${t} stdout P one `, `${t} stderr F other`, `${t} stdout P two `, `${t} stdout F three`],
    ],
  ])('that were cut are put together, %s', (_, values) => {
    const { logs } = run(values)
    expect(logs.map(({ message }) => message)).toEqual(['one two three', 'other'])
    expect(logs[0]!.id).toBe(`raw-0-0-0-${now.toString(36)}`)
  })

  it('that were cut make one when the rest never comes', () => {
    expect(run([`${t} stdout P half`]).logs.map(({ message }) => message)).toEqual(['half'])
  })

  it('with a stack trace are one event', () => {
    const { logs } = run(['ERROR x', '\tat y', 'INFO z'].map((line) => `${t} stderr F ${line}`))
    expect(logs.map(({ message }) => message)).toEqual(['x\n\tat y', 'z'])
  })

  it.each<[string, unknown, object]>([
    [
      'of a logger',
      { level: 50, time: now, msg: 'boom', name: 'shop', err: { stack: 's' } },
      {
        level: 'error',
        message: 'boom',
        service: 'shop',
        attributes: { 'log.iostream': 'stdout', 'log.level': '50', 'error.stack_trace': 's' },
      },
    ],
    [
      'of ECS',
      { '@timestamp': t, 'log.level': 'warn', message: 'slow', 'ecs.version': '8.0', 'service.name': 'shop' },
      { level: 'warn', message: 'slow', service: 'shop' },
    ],
    ['of neither, as text', { a: 1 }, { level: 'unknown', message: '{"a":1}' }],
    ['with a bad time, as text', { level: 30, time: 'noon', msg: 'x' }, { level: 'unknown' }],
  ])('with JSON %s in them are events of it', (_, json, expected) => {
    const { logs } = run([`${t} stdout F ${JSON.stringify(json)}`])
    expect(logs).toMatchObject([{ time, ...expected }])
  })

  it('with a cut event in JSON are one', () => {
    const json = JSON.stringify({ level: 30, time: now, msg: 'long', a: 'b' })
    const { logs } = run([`${t} stdout P ${json.slice(0, 20)}`, `${t} stdout F ${json.slice(20)}`])
    expect(logs).toMatchObject([{ level: 'info', message: 'long', attributes: { a: 'b' } }])
  })

  it('are refused alone', () => {
    const { logs, out } = run([
      `${t} stdout F a\nwhat\n1999-11-14T22:13:20Z stdout F b\n2023-99-14T22:13:20Z stdout F c`,
    ])
    expect(logs.length).toBe(1)
    expect(out.rejected[0]!.refusals).toMatchObject([
      { position: 1, reason: 'unparseable' },
      { position: 2, reason: 'timestamp_too_old' },
      { position: 3, reason: 'invalid_timestamp' },
    ])
  })

  it('make no more events than there are lines, whatever stands in them', () => {
    const piece = fc.constantFrom(
      'P ',
      'F ',
      'stdout ',
      '{"level":1,',
      '"msg":"x"}',
      '__proto__',
      ' ',
      '\tat x',
      'ERROR ',
    )
    fc.assert(
      fc.property(fc.array(fc.array(piece, { maxLength: 8 }), { minLength: 1, maxLength: 8 }), (lines) => {
        const value = lines.map((pieces) => `${t} stdout ${pieces.join('')}`).join('\n')
        const { logs, out } = run([value], { settings: { formats: { raw: 'cri' } } })
        const refused = out.rejected.flatMap(({ refusals }) => refusals).length
        expect(logs.length + refused).toBeLessThanOrEqual(lines.length)
        expect(logs.length + out.rejected.length).toBeGreaterThan(0)
      }),
      { numRuns: 500 },
    )
  })
})

describe('lines of Docker', () => {
  const line = (log: string, more = {}) => JSON.stringify({ log, stream: 'stdout', time: t, ...more })

  it('are read one a record, one a line and as a list', () => {
    for (const values of [
      [line('a\n'), line('b\n')],
      [`${line('a\n')}\n${line('b\n')}\n`],
      [`[${line('a\n')},${line('b\n')}]`],
    ]) {
      const { logs, out } = run(values)
      expect(out.rejected).toEqual([])
      expect(logs).toMatchObject(
        ['a', 'b'].map((message) => ({ time, message, attributes: { 'log.iostream': 'stdout' } })),
      )
    }
  })

  it('that were cut are put together, as are stack traces', () => {
    const { logs } = run([line('ERROR x'), line('y\r\n'), line('\n'), line('\tat z\n'), line('INFO w\n')])
    expect(logs.map(({ message }) => message)).toEqual(['xy\n\tat z', 'w'])
  })

  it('have what Fluent Bit adds, and containers are not mixed up', () => {
    const pod = (name: string, app: string) => ({
      kubernetes: { pod_id: name, container_name: 'main', host: 'node1', labels: { app } },
    })
    const { logs } = run([
      line('ERROR a\n', pod('p1', 'shop')),
      line('ERROR b\n', pod('p2', 'cart')),
      line('\tat a\n', pod('p1', 'shop')),
    ])
    expect(logs).toMatchObject([
      { message: 'a\n\tat a', service: 'shop', host: 'node1', attributes: { 'kubernetes.pod_id': 'p1' } },
      { message: 'b', service: 'cart' },
    ])
  })

  it('with JSON in them are events of it', () => {
    const { logs } = run([line(`${JSON.stringify({ level: 'warn', msg: 'x' })}\n`)])
    expect(logs).toMatchObject([{ time, level: 'warn', message: 'x' }])
  })

  it('are refused alone', () => {
    const { logs, out } = run([`[${line('a\n')},{"log":1},7,${line('b\n', { time: 'noon' })}]`])
    expect(logs.length).toBe(1)
    expect(out.rejected[0]!.refusals.map(({ position }) => position)).toEqual([1, 2, 3])
  })
})
