import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FlatJson } from '../../../../../services/normalizer/formats/parts/flat-json.ts'
import { BadRecordError } from '../../../../../shared/errors.ts'
import { anyDamaged } from '../../../../support/hostile-values.ts'
import { normalize } from '../../../../support/normalize.ts'

const options = {
  wanted: ['message', 'log.level', 'a.b'],
  kept: ['log.level'],
  renamed: new Map([
    ['x', 'host.name'],
    ['y', 'host.name'],
  ]),
  maxAttributes: 12,
}

/** What a reader of events takes out of the fields. */
const outcome = (fields: FlatJson) => {
  const message = fields.take([0, 2])
  const level = fields.take([1])
  return { message, level, attributes: fields.attributes() }
}

/** By way of JSON.parse; undefined when that, or the limits of an event, refuse it. */
function parsed(fields: FlatJson, bytes: Buffer): unknown {
  try {
    const json: unknown = JSON.parse(bytes.toString())
    if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined
    fields.read(json as Record<string, unknown>)
    return outcome(fields)
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof BadRecordError) return undefined
    throw error
  }
}

const key = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('message', 'log', 'level', 'log.level', 'a', 'b', 'a.b', 'x', 'y', 'host'),
  },
  fc.constantFrom('host.name', '__proto__', 'constructor', '', '7', '12', 'é', '"', '\\', '\n'),
  fc.string({ unit: 'binary', maxLength: 5 }),
)
const leaf = fc.oneof(
  fc.constantFrom('', 'info', 'web-1', 'web-2', 'Grüße', '🎉', '\ud800', 'a "quote"', 'line\nbreak', '\\'),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1e21, 1e-7, 123456789012345, 1234567890123456, true, false, null),
)
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((pairs) => Object.fromEntries(pairs)),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
}))
const object = fc.array(fc.tuple(key, value), { maxLength: 8 }).map((pairs) => Object.fromEntries(pairs))
const indent = fc.constantFrom(undefined, ' ', '\t')
const json = fc.tuple(object, indent).map(([one, blanks]) => Buffer.from(JSON.stringify(one, null, blanks)))

/** Bytes that agents might send, mostly the same again and again. */
const likely = fc.constantFrom(
  '{"message":"m","log":{"level":"info","offset":17},"host":{"name":"web-1","ip":["10.0.0.1","::1"]}}',
  '{"message":"n","log":{"level":"warn","offset":18},"host":{"name":"web-2","ip":["10.0.0.1","::1"]}}',
  '{"message":"n","log":{"level":"warn"},"host":{"name":"web-2","ip":["10.0.0.1","::1","10.0.0.2"]}}',
  '{"message":"twice","message":"then"}',
  '{"a":{"b":1},"a":{"c":2}}',
  '{"a":{"b":1},"a.b":2}',
  '{"x":"1","y":"2"}',
  '{"a":01}',
  '{"a":1.50,"b":-0,"c":1E3,"d":12345678901234567890}',
  '{"a":-}',
  '{"a":tru}',
  '{"a":"\u0001"}',
  '{"a":1,}',
  '{"a":1}{"a":2}',
  '{"a":[1,2}',
  '{"a":[[]],"b":[{"c":"]"}]}',
  '{"a":"\\ud83c\\udf89 \\u00e9"}',
  `${'{"a":'.repeat(30)}1${'}'.repeat(30)}`,
  ' \r\n{ "a" : 1 , "b" : { } }\t\n',
  '[]',
  '',
)

describe('the scanner of JSON', () => {
  it('finds what JSON.parse finds, or is unsure', () => {
    const bytes = fc.oneof(
      json,
      likely.map((text) => Buffer.from(text)),
    )
    const damaged = bytes.chain((one) => (one.length > 0 ? anyDamaged(one) : fc.constant(one)))
    fc.assert(
      fc.property(fc.array(fc.oneof(bytes, bytes, damaged), { maxLength: 12 }), (events) => {
        const scanning = new FlatJson(options)
        const reading = new FlatJson(options)
        for (const event of events) {
          const expected = isUtf8(event) ? parsed(reading, event) : undefined
          if (isUtf8(event) && scanning.scan(event)) expect(outcome(scanning)).toEqual(expected)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('is sure of what agents send', () => {
    const fields = new FlatJson(options)
    for (const text of [
      '{"@timestamp":"2023-11-14T22:13:20.123Z","message":"m \\"n\\" Grüße","log":{"level":"info","offset":17},"tags":["a"]}',
      '{"@timestamp":"2023-11-14T22:13:20.124Z","message":"n","log":{"level":"warn","offset":1.5},"ok":true,"none":null}',
      ' { "@timestamp": "2023-11-14T22:13:20.125Z", "message": "", "empty": {} }\n',
    ])
      expect(fields.scan(Buffer.from(text))).toBe(true)
    expect(fields.has('empty')).toBe(true)
    expect(fields.has('log')).toBe(false)
  })

  it.each([
    ['a key that comes twice', '{"a":1,"a":2}'],
    ['a key that is a number', '{"7":1}'],
    ['an escape in a key', '{"a\\n":1}'],
    ['two values', '{"a":1}\n{"a":2}'],
  ])('is unsure of %s', (_, text) => {
    expect(new FlatJson(options).scan(Buffer.from(text))).toBe(false)
  })

  it('makes no difference in what a stream of events becomes', () => {
    const event = fc
      .tuple(object, fc.constantFrom('2023-11-14T22:13:20Z', 'yesterday', undefined))
      .map(([more, time]) =>
        JSON.stringify({ '@timestamp': time, ecs: { version: '8.0.0' }, message: 'm', ...more }),
      )
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 8 }), (events) => {
        // As a list, events are parsed.
        const lists = events.map((one) => `[${one}]`)
        const [scanned, read] = [events, lists].map((values) => {
          const settings = { formats: { raw: 'ecs-json' } }
          const { logs, out } = normalize(values, { settings })
          return { logs, rejected: out.rejected }
        })
        expect(scanned).toEqual(read)
      }),
      { numRuns: 300 },
    )
  })
})
