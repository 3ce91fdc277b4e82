import { describe, expect, it } from 'vitest'
import { parseRequest, type ReplayOptions } from '../../../../cli/replay/request.ts'
import { loadAll } from '../../../../cli/sections.ts'
import { ConfigurationError } from '../../../../shared/errors.ts'

const now = Date.parse('2026-03-01T12:00:00Z')
const config = loadAll({ env: {}, cwd: '/' })
const minute = 60_000
const good: ReplayOptions = {
  from: '2026-03-01T10:00:00Z',
  to: '2026-03-01T11:00:00Z',
  margin: 15 * minute,
}
const parse = (options: Partial<ReplayOptions>) => parseRequest({ ...good, ...options }, config, now)

describe('what a replay is asked for', () => {
  it('reads from a margin before, and stores by default', () => {
    expect(parse({})).toMatchObject({
      from: Date.parse(good.from!),
      to: Date.parse(good.to!),
      readFrom: Date.parse('2026-03-01T09:45:00Z'),
      rawTopics: config.normalizer.inputTopics,
      stages: ['normalize', 'aggregate', 'store'],
      recordsPerSecond: undefined,
    })
  })

  it('has the same topics for the same stretch, margin and raw topics, and others for others', () => {
    const { prefix } = parse({ topics: 'a,b' })
    expect(prefix).toMatch(/^telemetry\.replay-[0-9a-f]{8}$/)
    expect(parse({ topics: ' b , a', rate: '5', stages: 'normalize' }).prefix).toBe(prefix)
    expect(parse({ topics: 'a,b', verify: true }).prefix).toBe(prefix)
    expect(parse({ topics: 'a' }).prefix).not.toBe(prefix)
    expect(parse({ topics: 'a,b', margin: minute }).prefix).not.toBe(prefix)
    expect(parse({ topics: 'a,b', to: '2026-03-01T11:00:01Z' }).prefix).not.toBe(prefix)
  })

  it('keeps windows open for what may come late, and no longer than the stretch', () => {
    const { maxFutureMs } = config.normalizer
    expect(parse({}).latenessMs).toBe(15 * minute + maxFutureMs + minute)
    expect(parse({ to: '2026-03-01T10:10:00Z' }).latenessMs).toBe(11 * minute)
    expect(parse({ to: '2026-03-01T10:10:00Z', margin: 1_440 * minute }).latenessMs).toBe(11 * minute)
  })

  it.each<[string, Partial<ReplayOptions>, RegExp]>([
    ['no range', { from: undefined }, /^A replay needs --from and --to/],
    [
      'no time',
      { from: 'yesterday' },
      /^--from takes a time such as 2026-01-31T13:00:00Z, not “yesterday”\.$/,
    ],
    ['no such day', { to: '2026-13-41' }, /^--to takes a time/],
    ['the wrong way round', { from: good.to, to: good.from }, /^--from .* is not before --to/],
    ['nothing between', { from: good.to }, /is not before/],
    ['the future', { to: '2026-03-01T13:00:00Z' }, /lies in the future: it is 2026-03-01T12:00:00.000Z now/],
    [
      'too fresh',
      { to: '2026-03-01T11:59:30Z' },
      /may still change windows that end after 2026-03-01T11:58:55/,
    ],
    ['no topic', { topics: ',' }, /^--topics names no topic/],
    ['an unknown stage', { stages: 'normalise' }, /there is no stage “normalise”/],
    ['a gap', { stages: 'normalize,store' }, /store needs aggregate before it/],
    ['no beginning', { stages: 'aggregate,store' }, /store needs normalize before it/],
    ['no stage', { stages: '' }, /names no stage/],
    ['stages to verify', { stages: 'normalize', verify: true }, /leave --stages out/],
    ['no rate', { rate: 'fast' }, /--rate takes records a second, such as 5000, not “fast”/],
    ['rate zero', { rate: '0' }, /--rate/],
    [
      'more than windows can wait',
      { from: '2026-02-01T00:00:00Z', margin: 1_500 * minute },
      /--margin 1500m is too long for a stretch of 40980m: .*Replay it in pieces/,
    ],
  ])('refuses %s in one sentence', (_, options, sentence) => {
    expect(() => parse(options)).toThrow(ConfigurationError)
    expect(() => parse(options)).toThrow(sentence)
  })

  it('refuses a prefix that leaves no room for its own', () => {
    const long = { ...config, kafka: { ...config.kafka, topicPrefix: 'p'.repeat(90) } }
    expect(() => parseRequest(good, long, now)).toThrow(
      /has 90 characters; a replay can be had with up to 84/,
    )
  })
})
