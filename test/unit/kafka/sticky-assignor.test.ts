import { describe, expect, it } from 'vitest'
import { decodeClaim, encodeClaim } from '../../../shared/kafka/sticky-assignor.ts'

const nothing = { generation: -1, owned: new Map() }

describe('the claim that a member makes when it joins', () => {
  it('comes back as it was', () => {
    const claim = { generation: 7, owned: new Map([['telemetry.points', [0, 3]]]) }
    expect(decodeClaim(encodeClaim(claim))).toEqual(claim)
  })

  it.each([
    ['none', Buffer.alloc(0)],
    ['null', null],
    ['other bytes', Buffer.from([0, 255, 3])],
    ['other JSON', Buffer.from('[1,2]')],
    ['null in JSON', Buffer.from('null')],
    ['no lists', Buffer.from('{"generation":1,"owned":{"t":3}}')],
  ])('is nothing when the bytes are of someone else: %s', (_, bytes) => {
    expect(decodeClaim(bytes)).toEqual(nothing)
  })

  it('leaves out what is no partition', () => {
    expect(decodeClaim(Buffer.from('{"generation":"x","owned":{"t":[1,-2,"3",0.5,4]}}'))).toEqual({
      generation: -1,
      owned: new Map([['t', [1, 4]]]),
    })
  })
})
