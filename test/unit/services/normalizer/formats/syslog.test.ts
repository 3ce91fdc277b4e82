import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LogRecord } from '../../../../../shared/avro/types.ts'
import { now, normalize as run } from '../../../../support/normalize.ts'

const fixtures = join(import.meta.dirname, '../../../../fixtures/syslog')
const linesOf = (name: string) => readFileSync(join(fixtures, name), 'utf8').trimEnd().split('\n')

describe('syslog of RFC 5424', () => {
  it.each<[string, string, Partial<LogRecord>]>([
    [
      'a message of RFC 3164 that rsyslog has rewritten',
      '<11>1 2003-10-11T22:14:15Z host cron 77 - -  job failed',
      { host: 'host', service: 'cron', message: 'job failed' },
    ],
    [
      'the first example of the RFC',
      "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \uFEFF'su root' failed for lonvick on /dev/pts/8",
      {
        time: Date.UTC(2003, 9, 11, 22, 14, 15, 3),
        level: 'fatal',
        host: 'mymachine.example.com',
        service: 'su',
        message: "'su root' failed for lonvick on /dev/pts/8",
        attributes: {
          'log.syslog.msgid': 'ID47',
          'log.syslog.facility.name': 'auth',
          'log.syslog.severity.name': 'critical',
        },
      },
    ],
    [
      'the second, with an offset and microseconds',
      "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
      {
        time: Date.UTC(2003, 7, 24, 12, 14, 15),
        level: 'info',
        host: '192.0.2.1',
        service: 'myproc',
        attributes: {
          'log.syslog.procid': '8710',
          'log.syslog.facility.name': 'local4',
          'log.syslog.severity.name': 'notice',
        },
      },
    ],
    [
      'structured data with escapes, a repeated name and an empty element',
      '<14>1 - - - - - [a x="q\\" b\\] s\\\\ n\\n" ip="1" ip="2"][empty] m',
      {
        time: now,
        level: 'info',
        host: '',
        service: 'unknown',
        message: 'm',
        attributes: {
          'log.syslog.structured_data.a.x': 'q" b] s\\ n\\n',
          'log.syslog.structured_data.a.ip': '1, 2',
          'log.syslog.structured_data.empty': '',
          'log.syslog.facility.name': 'user',
          'log.syslog.severity.name': 'informational',
        },
      },
    ],
    ['no message', '<0>1 - - - - - -', { level: 'fatal', message: '' }],
  ])('reads %s', (_, text, expected) => {
    const { logs, out } = run([text])
    expect(out.rejected).toEqual([])
    expect(logs).toMatchObject([expected])
    if (expected.attributes) expect(logs[0]!.attributes).toEqual(expected.attributes)
  })

  it.each(linesOf('rfc5424-valid.txt'))('reads %s', (line) => {
    expect(run([line]).out.rejected).toEqual([])
  })

  it.each(linesOf('rfc5424-invalid.txt'))('refuses %s', (line) => {
    expect(run([line], { settings: { formats: { raw: 'syslog' } } }).out.rejected.length).toBe(1)
  })
})

describe('syslog of RFC 3164', () => {
  const at = (...time: Parameters<typeof Date.UTC>) => Date.UTC(...time)

  it.each<[string, string, Partial<LogRecord>]>([
    [
      'a message of the RFC',
      "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
      {
        time: at(2023, 9, 11, 22, 14, 15),
        level: 'fatal',
        host: 'mymachine',
        service: 'su',
        message: "'su root' failed for lonvick on /dev/pts/8",
      },
    ],
    [
      'a process id',
      '<38>Nov  4 01:02:03 h sshd[42]: Accepted password',
      {
        time: at(2023, 10, 4, 1, 2, 3),
        service: 'sshd',
        message: 'Accepted password',
        attributes: {
          'log.syslog.procid': '42',
          'log.syslog.facility.name': 'auth',
          'log.syslog.severity.name': 'informational',
        },
      },
    ],
    [
      'December in November as last year’s',
      '<13>Dec 31 23:59:59 h a: x',
      { time: at(2022, 11, 31, 23, 59, 59) },
    ],
    [
      'no host, as from programs on the same machine',
      '<13>Nov 14 22:13:20 cron[7]: run',
      { host: '', service: 'cron', message: 'run' },
    ],
    ['an address for a host', '<13>Nov 14 22:13:20 2001:db8::1 a: x', { host: '2001:db8::1', service: 'a' }],
    [
      'no tag',
      '<13>Nov 14 22:13:20 h last message repeated 2 times',
      { host: 'h', service: 'unknown', message: 'last message repeated 2 times' },
    ],
    ['no time', '<13>hello: world', { time: now, host: '', service: 'hello', message: 'world' }],
    ['no header', '<13>it works', { time: now, service: 'unknown', message: 'it works' }],
    [
      'no priority, as in files',
      'Nov 14 22:13:20 combo sshd(pam_unix)[19939]: authentication failure',
      { level: 'unknown', host: 'combo', service: 'sshd(pam_unix)', message: 'authentication failure' },
    ],
    [
      'a time as rsyslog forwards it',
      '<13>2023-11-14T23:13:20.250+01:00 h a: x',
      { time: now + 250, host: 'h', service: 'a' },
    ],
    [
      'a year and fractions',
      '<13>Nov 14 2022 22:13:20.25: h a: x',
      { time: at(2022, 10, 14, 22, 13, 20, 250) },
    ],
  ])('reads %s', (_, text, expected) => {
    const { logs, out } = run([text])
    expect(out.rejected).toEqual([])
    expect(logs).toMatchObject([expected])
    if (expected.attributes) expect(logs[0]!.attributes).toEqual(expected.attributes)
  })

  it('reads times in the configured zone', () => {
    const settings = { timeZone: 'America/New_York' }
    expect(run(['<13>Nov 14 17:13:20 h a: x'], { settings }).logs[0]!.time).toBe(now)
    expect(run(['<13>Jul  1 12:00:00 h a: x'], { settings }).logs[0]!.time).toBe(at(2023, 6, 1, 16))
  })

  it('takes the latest year that puts the time no more than a day ahead of the broker’s', () => {
    const seconds = fc.integer({ min: -300 * 86_400, max: 3_600 * 23 })
    fc.assert(
      fc.property(seconds, (ahead) => {
        const time = now + ahead * 1000
        const [, month, day, clock] = /^(\d+) (\w+) (\d+:\d+:\d+)$/.exec('') ?? [
          '',
          ...new Date(time).toUTCString().split(' ').slice(1).toSpliced(2, 1).slice(0, 3),
        ]
        const [log] = run([`<13>${day} ${month} ${clock} h a: x`], {
          settings: { maxFutureMs: 86_400_000 },
        }).logs
        expect(log!.time).toBe(time)
      }),
    )
  })
})

describe('frames of syslog', () => {
  const message = '<14>1 - h é - - - grüße'

  it('are read by their length in octets', () => {
    const framed = `${Buffer.byteLength(message)} ${message}`
    expect(run([`${framed}${framed}\n${framed}`]).logs.map(({ message: text }) => text)).toEqual([
      'grüße',
      'grüße',
      'grüße',
    ])
  })

  it('may hold line breaks', () => {
    const text = '<14>1 - - - - - - a\nb'
    expect(run([`${text.length} ${text}`]).logs[0]!.message).toBe('a\nb')
  })

  it('are lines otherwise', () => {
    const { logs, out } = run([`${message}\r\n<999>no\n\n${message}`])
    expect(logs.map(({ id }) => id.split('-')[3])).toEqual(['0', '3'])
    expect(out.rejected[0]!.refusals).toMatchObject([{ position: 1, reason: 'unparseable' }])
  })

  it.each([
    ['longer than what is there', '5 <14>a99 <14>b'],
    ['missing', '5 <14>a<14>b'],
  ])('are refused from where the length is %s', (_, text) => {
    const { logs, out } = run([text])
    expect(logs.length).toBe(1)
    expect(out.rejected[0]!.refusals).toMatchObject([{ position: 1, reason: 'unparseable' }])
  })

  it('that are not UTF-8 are refused alone', () => {
    const bytes = Buffer.concat([Buffer.from('5 <14>'), Buffer.from([0xff]), Buffer.from('5 <14>b')])
    const { logs, out } = run([bytes])
    expect(logs.map(({ message: text }) => text)).toEqual(['b'])
    expect(out.rejected[0]!.refusals).toMatchObject([{ position: 0, reason: 'not_utf8' }])
  })

  it('make one event or refusal a line, whatever stands in them', () => {
    const piece = fc.constantFrom(
      '<14>',
      '1 ',
      '- ',
      '[a b="c"]',
      '\\',
      '"',
      ']',
      'Nov 14 22:13:20 ',
      'x: ',
      ' ',
      'é',
    )
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 20 }), (pieces) => {
        const { logs, out } = run([`<14>${pieces.join('')}`], { settings: { formats: { raw: 'syslog' } } })
        expect(logs.length + out.rejected.length).toBe(1)
      }),
      { numRuns: 1_000 },
    )
  })
})
