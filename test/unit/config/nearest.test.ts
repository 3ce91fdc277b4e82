import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nearest } from '../../../shared/config/nearest.ts'

describe('nearest', () => {
  it.each([
    ['brokrs', 'brokers'],
    ['broker', 'brokers'],
    ['clientID', 'clientId'],
    ['requestTimoutMs', 'requestTimeoutMs'],
    ['connectionTimeout', undefined],
    ['CLIENTID', 'clientId'],
    ['zzokers', 'brokers'],
    ['zzzkers', undefined],
    ['zebra', undefined],
    ['', undefined],
  ])('takes %j for %j', (word, wanted) => {
    expect(nearest(word, ['brokers', 'clientId', 'requestTimeoutMs'])).toBe(wanted)
  })

  it('prefers the closest of several candidates, wherever it stands in the list', () => {
    expect(nearest('retryBackofMs', ['maxRetryBackoffMs', 'retryBackoffMs'])).toBe('retryBackoffMs')
    expect(nearest('retryBackofMs', ['retryBackoffMs', 'maxRetryBackoffMs'])).toBe('retryBackoffMs')
  })

  it('has nothing to offer without candidates', () => {
    expect(nearest('brokers', [])).toBeUndefined()
  })

  it('finds any word of four letters or more again after one letter was lost', () => {
    const words = ['brokers', 'clientId', 'topicPrefix', 'level', 'host']
    fc.assert(
      fc.property(fc.constantFrom(...words), fc.nat(), (word, seed) => {
        const at = seed % word.length
        return nearest(word.slice(0, at) + word.slice(at + 1), words) === word
      }),
    )
  })
})
