import { hostname } from 'node:os'
import fc from 'fast-check'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import type { LogRecord } from '../../../../../shared/avro/types.ts'
import { now, normalize as run } from '../../../../support/normalize.ts'

const stack = 'Error: boom\n    at f (/app/a.js:1:2)'

describe('JSON lines of loggers', () => {
  it.each<[string, unknown, Partial<LogRecord>]>([
    [
      'pino',
      {
        level: 50,
        time: now,
        pid: 7,
        hostname: 'h',
        name: 'shop',
        err: { type: 'Error', message: 'boom', stack },
        msg: 'failed',
      },
      {
        time: now,
        level: 'error',
        service: 'shop',
        host: 'h',
        message: 'failed',
        attributes: {
          'log.level': '50',
          'process.pid': '7',
          'error.type': 'Error',
          'error.message': 'boom',
          'error.stack_trace': stack,
        },
      },
    ],
    [
      'bunyan',
      {
        name: 'shop',
        hostname: 'h',
        pid: 7,
        level: 60,
        err: { message: 'boom', name: 'TypeError', stack },
        msg: 'boom',
        time: '2023-11-14T22:13:20.000Z',
        v: 0,
      },
      {
        time: now,
        level: 'fatal',
        service: 'shop',
        host: 'h',
        message: 'boom',
        attributes: {
          'process.pid': '7',
          'log.level': '60',
          'error.message': 'boom',
          'error.type': 'TypeError',
          'error.stack_trace': stack,
          v: '0',
        },
      },
    ],
    [
      'winston',
      {
        level: 'warn',
        message: 'slow',
        service: 'shop',
        timestamp: '2023-11-14T22:13:20.000Z',
        stack,
        ms: '+5ms',
      },
      {
        time: now,
        level: 'warn',
        service: 'shop',
        message: 'slow',
        attributes: { 'log.level': 'warn', 'error.stack_trace': stack, ms: '+5ms' },
      },
    ],
    [
      'zap',
      {
        level: 'dpanic',
        ts: now / 1000 + 0.25,
        logger: 'db',
        caller: 'db/pool.go:42',
        msg: 'no connection',
        error: 'dial tcp: timeout',
        stacktrace: 'main.main\n\t/app/main.go:9',
      },
      {
        time: now + 250,
        level: 'fatal',
        service: 'unknown',
        message: 'no connection',
        attributes: {
          'log.level': 'dpanic',
          'log.logger': 'db',
          caller: 'db/pool.go:42',
          'error.message': 'dial tcp: timeout',
          'error.stack_trace': 'main.main\n\t/app/main.go:9',
        },
      },
    ],
    [
      'logback with logstash-encoder',
      {
        '@timestamp': '2023-11-14T23:13:20.000+01:00',
        '@version': '1',
        message: 'failed',
        logger_name: 'com.shop.Cart',
        thread_name: 'main',
        level: 'ERROR',
        level_value: 40000,
        stack_trace: 'java.lang.IllegalStateException: x\n\tat com.shop.Cart.add(Cart.java:5)',
        HOSTNAME: 'h',
        traceId: 't1',
        spanId: 's1',
      },
      {
        time: now,
        level: 'error',
        host: 'h',
        message: 'failed',
        traceId: 't1',
        spanId: 's1',
        attributes: {
          '@version': '1',
          'log.logger': 'com.shop.Cart',
          'process.thread.name': 'main',
          'log.level': 'ERROR',
          level_value: '40000',
          'error.stack_trace': 'java.lang.IllegalStateException: x\n\tat com.shop.Cart.add(Cart.java:5)',
        },
      },
    ],
    [
      'log4j2',
      {
        timeMillis: now,
        thread: 'main',
        level: 'FATAL',
        loggerName: 'a.B',
        message: 'x',
        thrown: { message: 'm', name: 'java.io.IOException', extendedStackTrace: 'java.io.IOException: m' },
      },
      {
        time: now,
        level: 'fatal',
        message: 'x',
        attributes: {
          'process.thread.name': 'main',
          'log.level': 'FATAL',
          'log.logger': 'a.B',
          'error.message': 'm',
          'error.type': 'java.io.IOException',
          'error.stack_trace': 'java.io.IOException: m',
        },
      },
    ],
    [
      'Logstash',
      {
        '@timestamp': '2023-11-14T22:13:20.000Z',
        '@version': '1',
        host: 'web1',
        message: 'hello',
        tags: ['a', 'b'],
        path: '/var/log/x',
      },
      {
        time: now,
        level: 'unknown',
        host: 'web1',
        message: 'hello',
        attributes: { '@version': '1', tags: '["a","b"]', path: '/var/log/x' },
      },
    ],
    [
      'Logstash with a host of ECS',
      { '@timestamp': '2023-11-14T22:13:20.000Z', '@version': '1', host: { name: 'web1' }, message: 'hello' },
      { host: 'web1', attributes: { '@version': '1' } },
    ],
    [
      'what has an error and no message',
      { level: 'error', time: now, err: { message: 'boom', stack } },
      {
        message: 'boom',
        attributes: { 'log.level': 'error', 'error.message': 'boom', 'error.stack_trace': stack },
      },
    ],
    [
      'two fields for one thing, of which none is lost',
      { level: 'info', msg: 'a', message: 'b', stack: 's', stack_trace: 't', name: 'n', service: 'x' },
      {
        message: 'b',
        service: 'x',
        attributes: { 'log.level': 'info', msg: 'a', 'error.stack_trace': 's', stack_trace: 't', name: 'n' },
      },
    ],
  ])('reads those of %s', (_, json, expected) => {
    const { logs, out } = run([JSON.stringify(json)])
    expect(out.rejected).toEqual([])
    expect(logs).toMatchObject([expected])
    if (expected.attributes) expect(logs[0]!.attributes).toEqual(expected.attributes)
  })

  it.each([
    [10, 'trace'],
    [20, 'debug'],
    [30, 'info'],
    [35, 'info'],
    [40, 'warn'],
    [50, 'error'],
    [60, 'fatal'],
    [3, 'error'],
    [7, 'debug'],
    ['silly', 'trace'],
    ['NOTICE', 'info'],
    ['100', 'unknown'],
  ])('takes the level %s for %s', (level, expected) => {
    expect(run([JSON.stringify({ level, time: now, msg: 'x' })]).logs[0]!.level).toBe(expected)
  })

  it('reads times without an offset as those of the configured zone', () => {
    const line = JSON.stringify({ level: 'info', message: 'x', timestamp: '2023-11-14 23:13:20' })
    expect(run([line], { settings: { timeZone: 'Europe/Berlin' } }).logs[0]!.time).toBe(now)
    expect(run([line]).out.rejected[0]!.reason).toBe('timestamp_in_future')
  })

  it('reads what pino itself writes', () => {
    const written: string[] = []
    const error = new TypeError('no such cart')
    const begin = Date.now()
    pino({ name: 'shop' }, { write: (line) => written.push(line) }).error({ err: error, cart: 7 }, 'failed')
    // Its clock is that of today, which the worker's stands before.
    const { logs, out } = run(written, { settings: { maxFutureMs: Number.POSITIVE_INFINITY } })
    expect(out.rejected).toEqual([])
    expect(logs).toMatchObject([{ level: 'error', service: 'shop', host: hostname(), message: 'failed' }])
    expect(logs[0]!.time).toBeGreaterThanOrEqual(begin)
    expect(logs[0]!.time).toBeLessThanOrEqual(Date.now())
    expect(logs[0]!.attributes).toEqual({
      'log.level': '50',
      'process.pid': String(process.pid),
      'error.type': 'TypeError',
      'error.message': 'no such cart',
      'error.stack_trace': error.stack,
      cart: '7',
    })
  })

  it('refuses a bad line alone, by its position', () => {
    const good = JSON.stringify({ level: 30, time: now, msg: 'x' })
    const { logs, out } = run([`${good}\n{"level":30,"time":"noon","msg":"y"}\n7\n${good}`])
    expect(logs.length).toBe(2)
    expect(out.rejected[0]!.refusals).toMatchObject([
      { position: 1, reason: 'invalid_timestamp' },
      { position: 2, reason: 'unparseable' },
    ])
  })

  it('takes the headers for who wrote it when the line does not say', () => {
    const headers = { 'service.name': Buffer.from('shop'), 'host.name': Buffer.from('h') }
    expect(run(['{"level":30,"msg":"x"}'], { headers }).logs).toMatchObject([{ service: 'shop', host: 'h' }])
  })

  it('reads any JSON, and pollutes nothing', () => {
    const key = fc.constantFrom('level', 'msg', 'time', 'err', 'stack', '__proto__', 'constructor', 'a')
    const tree = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, fc.json(), fc.constant('{}'), tie('object')),
      object: fc
        .array(fc.tuple(key, tie('value')), { maxLength: 5 })
        .map((entries) => `{${entries.map(([name, value]) => `"${name}":${value}`).join(',')}}`),
    }))
    fc.assert(
      fc.property(tree.object, (json) => {
        const { logs, out } = run([json as string], { settings: { formats: { raw: 'json-logs' } } })
        expect(logs.length + out.rejected.length).toBe(1)
        expect(Object.keys(Object.prototype)).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it('refuses lists nested without end', () => {
    const deep = `{"level":30,"msg":"x","a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect(run([deep]).out.rejected[0]!.reason).toBe('too_deep')
  })
})
