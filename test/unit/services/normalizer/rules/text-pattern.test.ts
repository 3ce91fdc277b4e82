import { describe, expect, it } from 'vitest'
import { grokPatterns } from '../../../../../services/normalizer/rules/grok-patterns.ts'
import { TextPattern } from '../../../../../services/normalizer/rules/text-pattern.ts'

describe('grok', () => {
  it.each<[name: string, found: readonly string[], not: readonly string[]]>([
    ['INT', ['0', '-17', '+4'], ['', 'a', '1.5']],
    ['NUMBER', ['1', '-2.5', '.5', '1e9', '3.'], ['', 'one', '1.2.3']],
    ['WORD', ['abc', 'a_1'], ['', 'a b', 'a-b']],
    ['NOTSPACE', ['a/b'], ['', 'a b']],
    ['DATA', ['', 'any thing'], []],
    ['GREEDYDATA', ['', 'any thing'], []],
    ['UUID', ['01234567-89ab-cdef-0123-456789ABCDEF'], ['01234567-89ab-cdef-0123-456789ABCDE']],
    ['QUOTEDSTRING', ['"a \\" b"', "'x'"], ['"a" b"', 'a']],
    ['IP', ['10.0.0.255', '::1', '2001:db8::ff00:42:8329', '::ffff:1.2.3.4'], ['10.0.0.256', '1.2.3', 'x']],
    ['IPORHOST', ['db-1.example.org', '10.0.0.1', '::1'], ['a b', '-a']],
    ['HOSTPORT', ['localhost:80', '10.0.0.1:9092'], ['localhost']],
    ['URIPATH', ['/', '/a/b.c'], ['a/b', '/a?b']],
    ['URIPATHPARAM', ['/a?b=c&d', '/'], ['?a']],
    ['URI', ['https://example.org:8080/a?b=c', 'ftp://u:p@h/x'], ['example.org/a']],
    [
      'TIMESTAMP_ISO8601',
      ['2026-01-31T23:59:59.123Z', '2026-01-31 23:59', '2026-01-31T23:59:59+01:00'],
      ['2026-13-01T00:00:00Z', '2026-01-31'],
    ],
    ['HTTPDATE', ['10/Oct/2000:13:55:36 -0700'], ['10/10/2000:13:55:36 -0700']],
    ['SYSLOGTIMESTAMP', ['Jan  1 00:00:00', 'Dec 31 23:59:59'], ['Foo 1 00:00:00']],
    ['LOGLEVEL', ['INFO', 'warn', 'Warning', 'ERROR', 'fatal'], ['none', 'inform']],
    ['MAC', ['00:1b:44:11:3a:b7', '001b.4411.3ab7'], ['00:1b:44:11:3a']],
    ['EMAILADDRESS', ['ann.b+c@example.org'], ['ann']],
    ['PATH', ['/var/log/x.log', 'C:\\a\\b'], ['var']],
  ])('%%{%s}', (name, found, not) => {
    const pattern = new TextPattern(`^%{${name}}$`)
    expect(found.filter((text) => !pattern.isIn(text))).toEqual([])
    expect(not.filter((text) => pattern.isIn(text))).toEqual([])
  })

  it('can use every name of the table', () => {
    for (const name of Object.keys(grokPatterns))
      expect(new TextPattern(`%{${name}:it}`).fields).toEqual(['it'])
  })

  it('reads a line of an access log into fields', () => {
    const pattern = new TextPattern(
      '^%{IPORHOST:client.ip} \\S+ %{USER:user} \\[%{HTTPDATE:at}\\] "%{WORD:method} %{URIPATHPARAM:path} HTTP/%{NUMBER:version}" %{INT:status} (?P<bytes>[0-9]+|-)',
    )
    expect(
      pattern.fieldsOf('10.0.0.9 - ann [10/Oct/2000:13:55:36 -0700] "GET /a?b=c HTTP/1.1" 200 2326'),
    ).toEqual({
      'client.ip': '10.0.0.9',
      user: 'ann',
      at: '10/Oct/2000:13:55:36 -0700',
      method: 'GET',
      path: '/a?b=c',
      version: '1.1',
      status: '200',
      bytes: '2326',
    })
    expect(pattern.fieldsOf('nothing of the kind')).toBeUndefined()
  })

  it('keeps a field called __proto__ to itself', () => {
    const fields = new TextPattern('%{WORD:__proto__}').fieldsOf('x')!
    expect(Object.entries(fields)).toEqual([['__proto__', 'x']])
    expect(Object.getPrototypeOf(fields)).toBe(Object.prototype)
  })

  it.each([
    ['%{NUMBR:a}', 'there is no %{NUMBR}: did you mean %{NUMBER}?'],
    ['%{constructor}', '“%{constructor}” is neither'],
    ['%{INT:a b}', '“a b” in %{INT:a b} is no name of a field'],
    ['%{INT', '“%{INT” is neither %{NAME} nor %{NAME:field}'],
    ['(', 'missing closing )'],
    ['(a)\\1', 'invalid escape sequence'],
    ['(?:(?:a{100}){100}){9}', 'invalid repeat count'],
    ['[a-z]{900}[0-9]{900}[a-z]{900}[0-9]{900}[a-z]{900}[0-9]{900}', 'it is too large'],
    [Array(900).fill('%{IPV6}').join(''), 'characters'],
  ])('refuses %s', (pattern, sentence) => {
    expect(() => new TextPattern(pattern)).toThrow(SyntaxError)
    expect(() => new TextPattern(pattern)).toThrow(sentence)
  })
})

/** CPU time, because the machine may be busy with other things. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

describe('hostile patterns', () => {
  it.each([
    ['(a+)+$', 'a'],
    ['((a|a)*)*c', 'a'],
    ['(?P<x>(a*)*b)', 'a'],
    ['(?P<x>.*.*.*=.*)', 'x'],
    ['^(?P<y>(\\w+\\s?)*)$', 'word '],
    ['%{GREEDYDATA:a}%{GREEDYDATA:b}%{NUMBER:c}!', '1 '],
  ])('%s takes time in proportion to the text', (source, piece) => {
    const pattern = new TextPattern(source)
    const search = (length: number) => {
      const text = `${piece.repeat(length / piece.length)}!`
      return cpuMs(() => {
        pattern.fieldsOf(text)
        pattern.piecesOf(text)
      })
    }
    // Exponential time would not end, and quadratic time would take a hundred times as long and seconds.
    search(5_000)
    expect(search(50_000)).toBeLessThan(2_000)
  })

  it('redacts the rest when it matches too often to go on', () => {
    const pattern = new TextPattern('a(?:.*x)?')
    const text = 'a'.repeat(50_000)
    expect(cpuMs(() => pattern.piecesOf(text))).toBeLessThan(3_000)
    const pieces = pattern.piecesOf(text)
    expect(pieces).toHaveLength(100)
    expect(pieces.at(-1)).toEqual([99, 50_000])
  })
})
