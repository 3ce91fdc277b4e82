import { describe, expect, it } from 'vitest'
import { LineHeads, startsWith } from '../../../../services/normalizer/formats/influx/heads.ts'
import { BadRecordError } from '../../../../shared/errors.ts'

const line = Buffer.from('cpu,host=a v=1 cpu,host=b v=2 cpu,host v=3')
const a = [0, 10] as const
const b = [15, 25] as const
const sameHash = 7

describe('the heads of lines', () => {
  it('are parsed once and found again by their bytes', () => {
    const heads = new LineHeads(100)
    const head = heads.at(line, ...a, sameHash)
    expect(head).toMatchObject({ measurement: 'cpu', tags: [{ key: 'host', value: 'a' }] })
    expect(heads.at(Buffer.from(line), ...a, sameHash)).toBe(head)
  })

  it('are told apart though they have the same hash', () => {
    const heads = new LineHeads(100)
    for (const [[from, to], host] of [
      [a, 'a'],
      [b, 'b'],
      [a, 'a'],
    ] as const)
      expect(heads.at(line, from, to, sameHash).tags).toEqual([{ key: 'host', value: host }])
  })

  it('do not change with the memory that they were read from', () => {
    const heads = new LineHeads(100)
    const bytes = Buffer.from(line)
    const head = heads.at(bytes, ...a, 1)
    const name = heads.name(bytes, 11, 12)
    bytes.fill(0x78)
    expect(heads.at(line, ...a, 1)).toBe(head)
    expect(heads.name(line, 11, 12)).toBe(name)
    expect(name.toString()).toBe('v')
  })

  it('are refused when a tag is none, again and again', () => {
    const heads = new LineHeads(100)
    for (let i = 0; i < 2; i++) expect(() => heads.at(line, 30, 38, 2)).toThrow(BadRecordError)
  })

  it('share the names of their fields', () => {
    const heads = new LineHeads(100)
    expect(heads.name(line, 11, 12)).toBe(heads.name(line, 26, 27))
  })
})

it.each([
  ['cpu', 0, true],
  ['host', 4, true],
  ['host', 5, false],
  ['v=3 and more', 39, false],
])('%s stands at %i: %s', (text, from, expected) => {
  expect(startsWith(line, from, Buffer.from(text))).toBe(expected)
})
