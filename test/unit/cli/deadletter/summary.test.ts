import { describe, expect, it } from 'vitest'
import { letterText } from '../../../../cli/deadletter/letter-text.ts'
import { producerOf } from '../../../../cli/deadletter/producer.ts'
import { deadLetters, parkedRecords } from '../../../../cli/deadletter/shelf.ts'
import { Summary, summaryJson, summaryText } from '../../../../cli/deadletter/summary.ts'
import { letterOf, placeOf } from './letters.ts'

const at = (second: number) => Date.parse('2026-01-01T00:00:00Z') + second * 1_000

describe('the summary', () => {
  it('groups by reason, stage, topic and producer, the largest group first, with the latest as an example', () => {
    const summary = new Summary(deadLetters)
    summary.add(letterOf({ reason: 'too_large', detail: 'big' }), placeOf(1, at(1)))
    summary.add(letterOf({ detail: 'newer' }), placeOf(3, at(3)))
    summary.add(letterOf({ detail: 'older' }), placeOf(2, at(2)))
    summary.add(letterOf({ value: Buffer.from('cpu,host=b') }), placeOf(4, at(4)))
    const { count, groups } = JSON.parse(summaryJson(summary, 'telemetry.deadletter', 20))
    expect(count).toBe(4)
    expect(groups).toHaveLength(3)
    expect(groups[0]).toEqual({
      stage: 'normalizer',
      reason: 'unparseable',
      topic: 'raw.metrics',
      producer: 'a',
      count: 2,
      first: '2026-01-01T00:00:02.000Z',
      last: '2026-01-01T00:00:03.000Z',
      example: { position: 'telemetry.deadletter-0-3', detail: 'newer' },
    })
    const text = summaryText(summary, 'telemetry.deadletter', 1)
    expect(text).toContain('2  unparseable  by normalizer, of raw.metrics, from a')
    expect(text).toContain('2 groups more: --limit shows them.')
  })

  it('keeps its size when every letter names another producer, topic and reason', () => {
    const summary = new Summary(deadLetters, 10)
    const letter = (i: number, reason = 'r') => letterOf({ reason, value: Buffer.from(`cpu,host=h${i}`) })
    for (let i = 0; i < 100; i++) summary.add(letter(i), placeOf(i))
    expect(summary.groups()).toHaveLength(11)
    expect(summary.groups()[0]).toMatchObject({ producer: null, count: 90 })
    for (let i = 0; i < 100; i++) summary.add(letter(i, `r${i}`), placeOf(i))
    expect(summary.groups()).toHaveLength(20)
    expect(summary.ungrouped).toBe(91)
    expect(summary.count).toBe(200)
  })

  it('says when there is nothing, or nothing that was asked for', () => {
    const summary = new Summary(deadLetters)
    expect(summaryText(summary, 'd', 20)).toBe('There are no dead letters in d.\n')
    summary.seen = 12
    expect(summaryText(summary, 'd', 20)).toBe('None of the dead letters in d is asked for (12 looked at).\n')
  })

  it('lets no letter drive the terminal', () => {
    const summary = new Summary(deadLetters)
    const hostile = '\x1b]0;x\x07\u009b2J\u202e'
    const letter = letterOf({
      ...{ stage: hostile, reason: hostile, topic: hostile, detail: hostile },
      key: Buffer.from(hostile),
      value: Buffer.from(`a line of text ${hostile} and more text of it`),
      headers: [
        { key: 'host', value: Buffer.from(hostile) },
        { key: hostile, value: Buffer.from(hostile) },
      ],
      rejections: [{ position: 1, count: 1, value: null, reason: hostile, detail: hostile }],
    })
    summary.add(letter, placeOf(1))
    for (const text of [summaryText(summary, 'd', 20), letterText(deadLetters, letter, placeOf(1), 1_000)]) {
      expect(text).not.toMatch(/[^\P{C}\n]/u)
      expect(text).toContain('\\x1b]0;x\\x07\\x9b2J\\u{202e}')
    }
  })
})

describe('the text of a letter', () => {
  it('tells everything', () => {
    const letter = letterOf({
      key: Buffer.from('k'),
      headers: [{ key: 'client.id', value: Buffer.from('agent-7') }],
      rejections: [{ position: 3, count: 1, value: null, reason: 'bad', detail: 'it is bad' }],
    })
    expect(letterText(deadLetters, letter, placeOf(12), 1_000)).toBe(
      [
        'dead letter  telemetry.deadletter-0-12',
        'refused      2026-01-01T00:00:01.000Z by normalizer',
        'reason       unparseable',
        'detail       line 1: there is no value',
        'record       raw.metrics-1-7, 2026-01-01T00:00:00.000Z',
        'producer     agent-7',
        'key          k',
        'parts        1 refused, counted from 0; the others went on',
        '  3  bad: it is bad',
        'headers',
        '  client.id: agent-7',
        'value        10 bytes',
        '  cpu,host=a',
        '',
      ].join('\n'),
    )
  })

  it('tells of a parked record whose it is, and which neighbours are parked together', () => {
    const letter = letterOf({
      reason: 'quota_points',
      detail: 'it has used up its quota',
      tenant: 'acme',
      rejections: [{ position: 3, count: 5, value: null, reason: 'quota_points', detail: '' }],
    })
    const text = letterText(parkedRecords, letter, placeOf(12), 1_000)
    expect(text.split('\n').slice(0, 9)).toEqual([
      'parked as    telemetry.deadletter-0-12',
      'parked       2026-01-01T00:00:01.000Z by normalizer',
      'reason       quota_points',
      'detail       it has used up its quota',
      'record       raw.metrics-1-7, 2026-01-01T00:00:00.000Z',
      'tenant       acme',
      'key          none',
      'parts        5 parked, counted from 0; the others went on',
      '  3-7  quota_points',
    ])
    const summary = new Summary(parkedRecords)
    summary.add(letter, placeOf(12))
    expect(summaryText(summary, 'telemetry.parking', 20)).toContain(
      '1  quota_points  by normalizer, of raw.metrics, of tenant acme',
    )
  })

  it('is short, whatever was refused', () => {
    const big = Buffer.alloc(1_000_000, 'x')
    const letter = letterOf({
      key: big,
      value: big,
      timestamp: Number.MAX_SAFE_INTEGER,
      headers: Array.from({ length: 1_000 }, () => ({ key: 'k'.repeat(10_000), value: big })),
      rejections: Array.from({ length: 1_000 }, (_, position) => ({
        ...{ position, count: 1, value: null, reason: 'r', detail: 'd'.repeat(10_000) },
      })),
    })
    const text = letterText(deadLetters, letter, placeOf(1), 100)
    expect(text.length).toBeLessThan(40_000)
    expect(text).toContain('… 999,900 bytes more')
    expect(text).toContain('… 950 headers more')
    expect(text).toContain('… 980 parts more')
    expect(letterText(deadLetters, letterOf({ value: null }), placeOf(1), 100)).toContain('value        none')
  })
})

describe('the producer', () => {
  it.each([
    ['a header', letterOf({ headers: [{ key: 'Host', value: Buffer.from('web-1') }] }), 'web-1'],
    ['a tag', letterOf({ value: Buffer.from('cpu,host=web-2,cpu=0 v=1') }), 'web-2'],
    ['a field', letterOf({ value: Buffer.from('{"tags":{"host":"web-3"}}') }), 'web-3'],
    ['an ECS object', letterOf({ value: Buffer.from('{"host":{"id":"1","name":"wéb-4"}}') }), 'wéb-4'],
    ['nothing', letterOf({ value: Buffer.from('garbage') }), undefined],
    ['no bytes', letterOf({ value: null }), undefined],
  ])('is found in %s', (_, letter, expected) => {
    expect(producerOf(letter)).toBe(expected)
  })
})
