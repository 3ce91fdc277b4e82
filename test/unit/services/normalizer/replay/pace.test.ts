import { describe, expect, it } from 'vitest'
import { Pace, slackMs } from '../../../../../services/normalizer/replay/pace.ts'
import { noSignal } from '../../../../support/task-context.ts'

const pace = (places: readonly string[], maxRecordsPerSecond?: number, now = () => 0) =>
  new Pace({ places, maxRecordsPerSecond, now })

/** Which of these promises are kept once everything that can happen has happened. */
async function kept(promises: Readonly<Record<string, Promise<unknown>>>): Promise<readonly string[]> {
  const done: string[] = []
  for (const [name, promise] of Object.entries(promises))
    promise.then(
      () => done.push(name),
      () => done.push(`${name} failed`),
    )
  await new Promise((resolve) => setImmediate(resolve))
  return done
}

describe('the pace of a replay', () => {
  it('lets a partition go on until it is too far ahead of the slowest', async () => {
    const { turn } = bound(pace(['a', 'b']))
    const first = { a: turn('a', 0), b: turn('b', 0) }
    expect((await kept(first)).toSorted()).toEqual(['a', 'b'])
    expect(await kept({ near: turn('a', slackMs) })).toEqual(['near'])
    const far = turn('a', slackMs + 1)
    expect(await kept({ far })).toEqual([])
    expect(await kept({ b: turn('b', 1), far })).toEqual(['b', 'far'])
  })

  it('waits for one that has shown nothing yet, and not for one that has ended', async () => {
    const both = pace(['a', 'b'])
    const waiting = bound(both).turn('a', 0)
    expect(await kept({ waiting })).toEqual([])
    both.finish('b')
    expect(await kept({ waiting })).toEqual(['waiting'])
  })

  it('does not wait for one that has shown nothing for long', async () => {
    let now = 0
    const { turn } = bound(pace(['a', 'b'], undefined, () => now))
    await Promise.all([turn('a', 0), turn('b', 0)])
    now = 60_000
    expect(await kept({ far: turn('a', slackMs + 1) })).toEqual(['far'])
  })

  it('stops waiting when it is told to', async () => {
    const stop = new AbortController()
    const waiting = pace(['a', 'b']).turn('a', 0, 1, stop.signal)
    stop.abort()
    await expect(waiting).rejects.toThrow('aborted')
  })

  it('reads no more in a second than it may, over all partitions', async () => {
    const { turn } = bound(pace(['a'], 1_000, () => performance.now()))
    const started = performance.now()
    // The third waits until the first two have had their time.
    for (let i = 0; i < 3; i++) await turn('a', 0, 50)
    expect(performance.now() - started).toBeGreaterThanOrEqual(99)
  })
})

const bound = (one: Pace) => ({
  turn: (name: string, timestamp: number, records = 1) => one.turn(name, timestamp, records, noSignal),
})
