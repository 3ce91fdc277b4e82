import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { normalize, now } from '../../../../support/normalize.ts'
import { RecordingOutput } from '../../../../support/recording-output.ts'
import { record, topics } from '../../../../support/task-context.ts'

const settings = { formats: { raw: 'text' } }

/** What text makes of one record, once nothing follows. */
function run(text: string, more: Parameters<typeof normalize>[1] = {}) {
  const { task, out } = normalize([text], {
    settings: { ...settings, ...more.settings },
    headers: more.headers ?? {},
  })
  for (const { act } of task.quiet) act(out)
  return { out, logs: out.of(topics.logs).flatMap(({ logs }) => logs) }
}

describe('plain text', () => {
  it.each(['controller', 'server'])('tells all of each line in a log of Kafka’s %s', (name) => {
    const text = readFileSync(`test/fixtures/text/kafka-${name}.log`, 'utf8').trimEnd()
    const { out, logs } = run(text, { settings: { earliestTime: '1970-01-01T00:00:00Z' } })
    expect(out.rejected).toEqual([])
    const written = logs.map(({ time, level, message }) => {
      const [date = '', fraction = ''] = new Date(time).toISOString().replace('T', ' ').split(/[.Z]/)
      return `[${date},${fraction}] ${level.toUpperCase()} ${message}`
    })
    expect(written).toEqual(text.split('\n'))
  })

  const t = now
  it.each([
    [
      'Kafka',
      '[2023-11-14 22:13:20,000] INFO Rolled new log segment (kafka.log.Log)',
      t,
      'info',
      'Rolled new log segment (kafka.log.Log)',
    ],
    [
      'Spring Boot',
      '2023-11-14T22:13:20.123Z  WARN 1234 --- [main] c.e.Demo : slow',
      t + 123,
      'warn',
      '1234 --- [main] c.e.Demo : slow',
    ],
    [
      'log4j',
      '2023-11-14 22:13:20,123 [main] ERROR c.e.Demo - msg',
      t + 123,
      'error',
      '[main] ERROR c.e.Demo - msg',
    ],
    [
      'ZooKeeper',
      '2023-11-14 22:13:20,744 - INFO  [QuorumPeer[myid=1]/0:0:0:0] - Notification',
      t + 744,
      'info',
      '[QuorumPeer[myid=1]/0:0:0:0] - Notification',
    ],
    [
      'logback without a date',
      '22:13:20.250 [main] DEBUG c.e.Demo -- msg',
      t + 250,
      'debug',
      '[main] DEBUG c.e.Demo -- msg',
    ],
    [
      'logback without a date, before midnight',
      '23:59:59.000 [main] INFO c.e.Demo -- msg',
      Date.UTC(2023, 10, 14, 23, 59, 59),
      'info',
      '[main] INFO c.e.Demo -- msg',
    ],
    [
      'Python’s logging',
      '2023-11-14 22:13:20,123 - app - CRITICAL - msg',
      t + 123,
      'fatal',
      'app - CRITICAL - msg',
    ],
    ['Python’s logging as it comes', 'ERROR:root:msg', t, 'error', 'root:msg'],
    ['Go’s log', '2023/11/14 22:13:20 main.go:12: msg', t, 'unknown', 'main.go:12: msg'],
    [
      'zap’s console',
      '2023-11-14T22:13:20.123Z\tINFO\tapp/main.go:5\tmsg',
      t + 123,
      'info',
      'app/main.go:5\tmsg',
    ],
    [
      'Kubernetes’ klog',
      'W1114 22:13:20.123456       1 reflector.go:56] msg',
      t + 123,
      'warn',
      '1 reflector.go:56] msg',
    ],
    ['Spark', '23/11/14 22:13:20 INFO executor.Backend: msg', t, 'info', 'executor.Backend: msg'],
    ['Apache’s error log', '[Tue Nov 14 22:13:20.123456 2023] [error] msg', t + 123, 'error', 'msg'],
    ['nginx’ error log', '2023/11/14 22:13:20 [crit] 123#0: *1 msg', t, 'fatal', '123#0: *1 msg'],
    ['Redis', '1:M 14 Nov 2023 22:13:20.123 * Ready', t + 123, 'unknown', '* Ready'],
    [
      'MySQL',
      '2023-11-14T22:13:20.123456Z 0 [Warning] [MY-010116] msg',
      t + 123,
      'warn',
      '0 [Warning] [MY-010116] msg',
    ],
    ['PostgreSQL', '2023-11-14 22:13:20.123 UTC [9] FATAL:  msg', t + 123, 'fatal', '[9] FATAL:  msg'],
    ['a level before the time', '[INFO] 2023-11-14T23:13:20+01:00 msg', t, 'info', 'msg'],
    ['neither time nor level', 'Listening on port 80', t, 'unknown', 'Listening on port 80'],
    ['words that only look like levels', 'Information, please', t, 'unknown', 'Information, please'],
    [
      'a time that is out of the question',
      '1971-01-01 00:00:00 INFO msg',
      t,
      'info',
      '1971-01-01 00:00:00 INFO msg',
    ],
    ['a time that is none', '2023-13-14 22:13:20 INFO msg', t, 'unknown', '2023-13-14 22:13:20 INFO msg'],
  ])('of %s', (_, line, time, level, message) => {
    const { logs, out } = run(line, { settings: { maxFutureMs: 86_400_000 } })
    expect(out.rejected).toEqual([])
    expect(logs).toMatchObject([{ time, level, message, service: 'unknown', attributes: {} }])
  })

  it('is read when its content-type says so, and never by its looks', () => {
    const plain = {
      'content-type': Buffer.from('text/plain; charset=utf-8'),
      'service.name': Buffer.from('shop'),
    }
    const { task, out } = normalize(['m v=1'], { headers: plain })
    for (const { act } of task.quiet) act(out)
    expect(out.of(topics.logs)[0]!.logs).toMatchObject([{ message: 'm v=1', service: 'shop' }])
    expect(normalize(['hello world']).out.rejected[0]!.reason).toBe('unknown_format')
  })

  it('in local time is read by the configured zone', () => {
    const zone = { settings: { timeZone: 'Asia/Kolkata' } }
    expect(run('2023-11-15 03:43:20 INFO x', zone).logs[0]!.time).toBe(now)
  })
})

const java = `Exception in thread "main" java.lang.IllegalStateException: bad
\tat com.shop.Cart.add(Cart.java:5)
\t... 3 more
Caused by: java.io.IOException: disk
\tat com.shop.Disk.read(Disk.java:9)`
const python = `Traceback (most recent call last):
  File "a.py", line 1, in <module>
    f()
ValueError: bad

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 3, in <module>
    g()
KeyError: 'x'`
const node = `/app/a.js:3
    throw new Error('bad')
    ^

Error: bad
    at f (/app/a.js:3:11) {
  code: 'EBAD'
}

Node.js v24.0.0`
const nodeLogged = `TypeError: x is not a function
    at f (/app/a.js:3:11)
    at /app/a.js:9:1`
const go = `panic: runtime error: index out of range [3] with length 3

goroutine 1 [running]:
main.f(...)
\t/app/main.go:8
main.main()
\t/app/main.go:4 +0x1d
created by main.start in goroutine 7
exit status 2`
const traces = { java, python, node, 'a logged error of Node': nodeLogged, go }
/** Blank lines are left out. */
const joined = (text: string) => text.replace(/\n+/g, '\n')

describe('a stack trace', () => {
  it.each(Object.entries(traces))('of %s is one event', (name, trace) => {
    const { logs } = run(`starting up\n${trace}\nListening on port 80`)
    expect(logs.map(({ message }) => message)).toEqual(['starting up', joined(trace), 'Listening on port 80'])
    expect(logs[1]!.level).toBe(name === 'go' ? 'fatal' : 'error')
  })

  it.each(Object.entries(traces))('of %s is not mixed up with another behind it', (_, trace) => {
    for (const other of Object.values(traces))
      expect(run(`${trace}\n${other}`).logs.map(({ message }) => message)).toEqual([trace, other].map(joined))
  })

  it.each(Object.entries(traces))('of %s belongs to the logger’s line before it', (_, trace) => {
    const { logs } = run(
      `2023-11-14 22:13:20,000 ERROR failed\n${trace}\n2023-11-14 22:13:20,001 INFO next\n`,
    )
    expect(logs).toMatchObject([
      { level: 'error', time: now, message: joined(`failed\n${trace}`) },
      { level: 'info', time: now + 1, message: 'next' },
    ])
  })
})

describe('an event in several records', () => {
  const line = (offset: number, text: string, more = {}) =>
    record(offset, Buffer.from(text), { topic: 'raw', timestamp: now, ...more })

  function feed(records: readonly ReturnType<typeof line>[], some = {}) {
    const { task } = normalize([], { settings: { ...settings, ...some } })
    const out = new RecordingOutput()
    task.process(records, out)
    return {
      task,
      out,
      messages: out.of(topics.logs).flatMap(({ logs }) => logs.map(({ message }) => message)),
    }
  }

  it('is put together, and has its id from where it began', () => {
    const { out } = feed([line(3, 'ERROR a\n'), line(4, '\tat b'), line(5, 'INFO c')])
    const [batch] = out.of(topics.logs)
    expect(batch!.logs).toMatchObject([{ id: `raw-0-3-0-${now.toString(36)}`, message: 'a\n\tat b' }])
    expect(batch!.source).toMatchObject({ firstOffset: 3, lastOffset: 5 })
  })

  it('is told from those of other sources, by key and headers', () => {
    const file = (name: string) => ({ headers: { 'log.file.path': Buffer.from(name) } })
    const { messages } = feed([
      line(0, 'ERROR a', { key: Buffer.from('k1') }),
      line(1, 'ERROR b', { key: Buffer.from('k2') }),
      line(2, '\tat a', { key: Buffer.from('k1') }),
      line(3, '\tat b', { key: Buffer.from('k2') }),
      line(4, 'ERROR c', file('x')),
      line(5, 'ERROR d', file('y')),
      line(6, '\tat c', file('x')),
      ...['k1', 'k2'].map((key, i) => line(7 + i, 'INFO x', { key: Buffer.from(key) })),
      line(9, 'INFO x', file('x')),
      line(10, 'INFO x', file('y')),
    ])
    expect(messages).toEqual(['a\n\tat a', 'b\n\tat b', 'c\n\tat c', 'd'])
  })

  it('waits no longer than it may by the time of the log, and does not wait if it must not', () => {
    const late = [line(0, 'ERROR a'), line(1, '\tat b', { timestamp: now + 2_001 })]
    expect(feed(late).messages).toEqual(['a'])
    expect(feed(late, { joinLinesMs: 3_000 }).messages).toEqual([])
    expect(feed(late, { joinLinesMs: 0 }).messages).toEqual(['a', '\tat b'])
  })

  it('ends where a limit is reached, and nothing is lost', () => {
    const lines = ['ERROR a', ' b', ' c', ' d', 'INFO e'].map((text, i) => line(i, text))
    expect(feed(lines, { maxEventLines: 2 }).messages).toEqual(['a\n b', ' c\n d'])
    expect(feed(lines, { maxEventLength: 9 }).messages).toEqual(['a\n b', ' c\n d'])
    const sources = ['a', 'b', 'c'].map((key, i) => line(i, `INFO ${key}`, { key: Buffer.from(key) }))
    expect(feed(sources, { maxJoinedSources: 2 }).messages).toEqual(['a'])
  })

  it('of a record that comes for the second time ends with it', () => {
    const again = {
      'tidemark-redriven-from': Buffer.from('telemetry.deadletter/0/1'),
      'tidemark-timestamp': Buffer.from(String(now)),
    }
    expect(feed([line(0, 'ERROR a\n\tat b', { headers: again }), line(1, '\tat c')]).messages).toEqual([
      'a\n\tat b',
    ])
  })

  it('is where a new owner reads on from', () => {
    const { task } = feed([line(7, 'INFO a'), line(8, 'ERROR b'), line(9, '\tat c')])
    expect(task.resumePoint()).toEqual({ offset: 8, memo: '8.0' })
    for (const { act } of task.quiet) act(new RecordingOutput())
    expect(task.resumePoint()).toEqual({ offset: 10, memo: '' })
  })
})
