import { describe, expect, it } from 'vitest'
import { normalizerSection } from '../../../../../services/normalizer/config.ts'
import { loadConfig } from '../../../../../shared/config/load.ts'
import { normalize } from '../../../../support/normalize.ts'

/** An ECS event. */
const event = (message: string, more: object = {}) =>
  JSON.stringify({
    '@timestamp': '2023-11-14T22:13:20Z',
    message,
    'service.name': 'shop',
    'log.level': 'info',
    ...more,
  })

const settingsOf = (logRules: readonly object[]) => normalizerSection.schema.parse({ logRules })

const logsBy = (values: readonly string[], ...rules: readonly object[]) =>
  normalize(values, { settings: settingsOf(rules) }).logs

const messagesBy = (...rules: readonly object[]) =>
  logsBy(
    [
      event('GET /health 200', { 'log.level': 'debug' }),
      event('GET /cart 500', { 'log.level': 'error', zone: 'b' }),
      event('started', { 'service.name': 'mail' }),
    ],
    ...rules,
  ).map(({ message }) => message)

describe('rules for log events', () => {
  it.each<[string, readonly object[], readonly string[]]>([
    ['no rule', [], ['GET /health 200', 'GET /cart 500', 'started']],
    ['drop by message', [{ message: 'GET /health', drop: true }], ['GET /cart 500', 'started']],
    ['drop by level', [{ level: ['trace', 'debug'], drop: true }], ['GET /cart 500', 'started']],
    ['drop by service', [{ service: 's*', drop: true }], ['started']],
    ['drop by attribute', [{ where: { zone: 'b' }, drop: true }], ['GET /health 200', 'started']],
    [
      'keep only these',
      [
        { level: ['error'], keep: true },
        { service: 'mail', keep: true },
      ],
      ['GET /cart 500', 'started'],
    ],
    [
      'drop some of what is kept',
      [
        { service: 'shop', keep: true },
        { message: '^GET /h', drop: true },
      ],
      ['GET /cart 500'],
    ],
    [
      'drop by what was extracted',
      [
        { extract: { pattern: '%{WORD:verb} %{URIPATH} %{INT:status}' } },
        { where: { status: '5*' }, drop: true },
      ],
      ['GET /health 200', 'started'],
    ],
  ])('%s', (_, rules, expected) => {
    expect(messagesBy(...rules)).toEqual(expected)
  })

  it('extracts fields into attributes, beside and over those that were there', () => {
    const [log] = logsBy([event('took 12.5 ms for ann', { user: 'nobody', zone: 'b' })], {
      extract: { pattern: 'took %{NUMBER:took.ms} ms for (?P<user>\\w+)' },
    })
    expect(log!.attributes).toEqual({ 'log.level': 'info', 'took.ms': '12.5', user: 'ann', zone: 'b' })
  })

  it('extracts from an attribute', () => {
    const [log] = logsBy([event('x', { request: 'GET /a' })], {
      extract: { from: 'request', pattern: '^%{WORD:verb}' },
    })
    expect(log!.attributes).toEqual({ 'log.level': 'info', request: 'GET /a', verb: 'GET' })
  })

  it('redacts message and attributes', () => {
    const [log] = logsBy(
      [event('mail from ann@example.org', { card: '4111 1111 1111 1111', id: 'user-7' })],
      {
        redact: ['cards', 'emails'],
        redactPatterns: ['user-[0-9]+'],
      },
    )
    expect(log).toMatchObject({
      message: 'mail from [redacted]',
      attributes: { card: '[redacted]', id: '[redacted]' },
    })
  })

  it('leaves the ids of the others as they are', () => {
    const rule = { level: ['debug'], drop: true }
    const values = [`${event('a', { 'log.level': 'debug' })}\n${event('b')}`]
    expect(logsBy(values, rule)[0]).toEqual(logsBy(values)[1])
  })

  it('is for joined lines too', () => {
    const lines = 'java.lang.IllegalStateException: card 4111111111111111\n\tat a.B.c(B.java:1)'
    const { logs } = normalize([lines], {
      settings: { ...settingsOf([{ redact: ['cards'] }]), joinLinesMs: 0 },
      headers: { 'content-type': Buffer.from('text/plain') },
    })
    expect(logs).toHaveLength(1)
    expect(logs[0]!.message).toContain('card [redacted]')
    expect(JSON.stringify(logs)).not.toContain('4111')
  })
})

describe('mistakes in rules for log events', () => {
  it.each<[string, object, string]>([
    ['nothing to do', { service: 'a' }, 'the rule does nothing'],
    ['drop and more', { drop: true, redact: ['cards'] }, 'can do nothing else'],
    ['a broken pattern', { message: '(', drop: true }, 'no pattern of RE2’s syntax: missing closing )'],
    ['an unknown name', { extract: { pattern: '%{NUMBR:a}' } }, 'did you mean %{NUMBER}?'],
    ['nothing to extract', { extract: { pattern: 'a' } }, 'it extracts nothing'],
    ['a level', { level: ['warning'], drop: true }, 'normalizer.logRules.0.level.0'],
    ['an action', { redcat: ['cards'] }, 'there is no setting "normalizer.logRules.0.redcat"'],
  ])('%s', (_, rule, sentence) => {
    const env = { TIDEMARK_NORMALIZER_LOG_RULES: JSON.stringify([rule]) }
    expect(() => loadConfig({ normalizer: normalizerSection }, { env, cwd: '/nowhere' })).toThrow(sentence)
  })
})
