import { describe, expect, it } from 'vitest'
import { RetryableError } from '../../../shared/errors.ts'
import { OwnCommits } from '../../../shared/stream/own-commits.ts'

const place = { topic: 'points', partition: 3 }

describe('what this process has committed', () => {
  const own = () => {
    const commits = new OwnCommits()
    commits.note(place, 10)
    return commits
  }

  it('says nothing of partitions that others had', () => {
    own().check({ topic: 'points', partition: 4 }, undefined, 0)
    own().check({ topic: 'partials', partition: 3 }, 0, 0)
  })

  it('agrees with an answer that is as new, or newer', () => {
    own().check(place, 10, 0)
    own().check(place, 11, 0)
  })

  it.each([9, undefined])('doubts an older answer: %s', (emitted) => {
    expect(() => own().check(place, emitted, 0)).toThrow(RetryableError)
    expect(() => own().check(place, emitted, 0)).toThrow(/for points-3, although 10 was committed/)
  })

  it('believes it when it stays so for a minute', () => {
    const commits = own()
    for (const nowMs of [1_000, 30_000, 60_999]) expect(() => commits.check(place, 4, nowMs)).toThrow()
    commits.check(place, 4, 61_000)
    commits.check(place, 4, 61_001)
  })

  it('doubts anew after a right answer', () => {
    const commits = own()
    expect(() => commits.check(place, 4, 0)).toThrow()
    commits.check(place, 10, 59_000)
    expect(() => commits.check(place, 4, 61_000)).toThrow()
  })
})
