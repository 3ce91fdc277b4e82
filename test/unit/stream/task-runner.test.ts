import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { FencedError, RetryableError } from '../../../shared/errors.ts'
import type { FetchedBatch } from '../../../shared/kafka/consumer-group.ts'
import { encodeCommitMetadata } from '../../../shared/stream/commit-metadata.ts'
import type { Unsettled } from '../../../shared/stream/task.ts'
import { TaskRunner } from '../../../shared/stream/task-runner.ts'
import { batch, place, Surroundings, until } from '../../support/runner-surroundings.ts'
import { topics } from '../../support/task-context.ts'

async function started(surroundings: Surroundings): Promise<TaskRunner> {
  const runner = new TaskRunner(surroundings.context, place)
  const before = surroundings.seeks.length
  runner.start()
  await until(() => surroundings.seeks.length > before)
  return runner
}

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

describe('TaskRunner', () => {
  it('gives the task each record once, in order, and commits where it is', async () => {
    const surroundings = new Surroundings()
    const runner = await started(surroundings)
    runner.offer(batch(0, 4))
    runner.offer(batch(5, 9))
    await until(() => surroundings.committed?.offset === 10)
    await runner.close({ commit: true })
    expect(surroundings.seen).toEqual(range(0, 9))
    expect(surroundings.commits.at(-1)).toMatchObject({
      ...place,
      groupId: 'group',
      offset: 10,
      metadata: '1:10:',
    })
  })

  it('loses nothing when offsets without records are passed over while a batch is being processed', async () => {
    const surroundings = new Surroundings()
    const runner = await started(surroundings)
    runner.offer(batch(0, 9))
    await until(() => surroundings.seen.length > 0)
    runner.skip(place.topic, 12)
    await until(() => surroundings.committed?.offset === 12)
    await runner.close({ commit: true })
    expect(surroundings.seen).toEqual(range(0, 9))
    expect(surroundings.committed?.offset).toBe(12)
  })

  it('takes records again that a rebalance makes it fetch again only once', async () => {
    const surroundings = new Surroundings()
    const runner = await started(surroundings)
    runner.offer(batch(0, 9))
    await until(() => surroundings.seen.length > 0)
    runner.resumeFetching()
    runner.offer(batch(surroundings.seeks.at(-1)!, 11))
    await until(() => surroundings.committed?.offset === 12)
    await runner.close({ commit: false })
    expect(surroundings.seen).toEqual(range(0, 11))
  })

  it('does not begin where a coordinator of the past tells it to', async () => {
    const surroundings = new Surroundings()
    const runner = new TaskRunner(surroundings.context, place)
    runner.start()
    await until(() => surroundings.seeks.length === 1)
    runner.offer(batch(0, 3))
    await until(() => surroundings.committed?.offset === 4)
    const newest = surroundings.committed
    surroundings.committed = { offset: 2, metadata: encodeCommitMetadata({ emitted: 2, memo: '' }) }
    surroundings.failing.push(new RetryableError('Kafka', 'gone'))
    runner.offer(batch(4, 5))
    const opened = surroundings.opened
    await until(() => surroundings.opened > opened + 1)
    expect(surroundings.seeks).toEqual([0])
    surroundings.committed = newest
    await until(() => surroundings.seeks.length === 2)
    expect(surroundings.seeks).toEqual([0, 4])
    await runner.close({ commit: false })
  })

  it('discards what comes of records whose outputs were committed before', async () => {
    const surroundings = new Surroundings({
      process: (records, out) => {
        for (const record of records) out.reject(record, 'test', 'an output for each')
      },
      resumePoint: () => ({ offset: 0, memo: 'm' }),
    })
    surroundings.committed = { offset: 3, metadata: '1:7:memo' }
    const runner = await started(surroundings)
    runner.offer(batch(3, 9))
    await until(() => surroundings.committed?.metadata === '1:10:m')
    await runner.close({ commit: true })
    expect(surroundings.seeks[0]).toBe(3)
    expect(surroundings.commits.flatMap(({ records }) => records)).toHaveLength(3)
    expect(surroundings.commits.at(-1)).toMatchObject({ offset: 0, metadata: '1:10:m' })
  })

  it('keeps the commit back until what must be written once more has been, in a quiet partition too', async () => {
    let settled = 0
    const surroundings: Surroundings = new Surroundings({
      process(this: { unsettled?: Unsettled | undefined }) {
        const dueAt = () => (surroundings.commits.length === 0 ? Number.POSITIVE_INFINITY : 0)
        this.unsettled = {
          from: 2,
          get dueAt() {
            return dueAt()
          },
        }
      },
      async settle(this: { unsettled?: Unsettled | undefined }) {
        settled++
        this.unsettled = undefined
      },
    })
    const runner = await started(surroundings)
    runner.offer(batch(0, 4))
    await until(() => surroundings.committed?.offset === 5)
    await runner.close({ commit: true })
    expect(settled).toBe(1)
    expect(surroundings.commits.map(({ offset }) => offset)).toEqual([2, 5])
  })

  it('begins again from the last commit when the outcome of one is unknown', async () => {
    const surroundings = new Surroundings()
    surroundings.failing = [new RetryableError('Kafka', 'no answer')]
    const runner = await started(surroundings)
    runner.offer(batch(0, 4))
    await until(() => surroundings.opened === 2 && surroundings.seeks.length === 2)
    expect(surroundings.seeks).toEqual([0, 0])
    runner.offer(batch(0, 4))
    await until(() => surroundings.committed?.offset === 5)
    await runner.close({ commit: true })
    expect(surroundings.committed?.offset).toBe(5)
  })

  it('does not take a partition back from the owner that has fenced it', async () => {
    const surroundings = new Surroundings()
    surroundings.failing = [new FencedError('another epoch')]
    const runner = await started(surroundings)
    runner.offer(batch(0, 4))
    await until(() => surroundings.fenced.length > 0)
    await runner.close({ commit: true })
    expect({
      opened: surroundings.opened,
      fenced: surroundings.fenced,
      commits: surroundings.commits,
    }).toEqual({ opened: 1, fenced: [place], commits: [] })
  })

  it('sends what can’t be decoded to the dead letters and goes on', async () => {
    const surroundings = new Surroundings()
    const runner = await started(surroundings)
    runner.offer(batch(10, 19))
    await until(() => surroundings.committed?.offset === 20)
    await runner.close({ commit: true })
    expect(surroundings.seen).toEqual(range(10, 19).filter((offset) => offset !== 13))
    expect(surroundings.commits.flatMap(({ records }) => records).map(({ topic }) => topic)).toEqual([
      topics.deadletter.name,
    ])
  })

  it('calls a task again with the same records while its store is away, and is not ready meanwhile', async () => {
    let attempts = 0
    let ready: boolean | undefined
    const seen: number[] = []
    const surroundings: Surroundings = new Surroundings({
      process: async (records) => {
        attempts++
        if (attempts === 3) ready = surroundings.context.health.snapshot().ready
        if (attempts < 4) throw new RetryableError('the store', 'is away')
        seen.push(...records.map(({ offset }) => offset))
      },
    })
    const runner = await started(surroundings)
    runner.offer(batch(0, 3))
    await until(() => surroundings.committed?.offset === 4)
    await runner.close({ commit: true })
    expect({ seen, ready, readyAgain: surroundings.context.health.snapshot().ready }).toEqual({
      seen: [0, 1, 2, 3],
      ready: false,
      readyAgain: true,
    })
  })

  it('writes nothing to a store while its membership is in doubt, and goes on when the group has heard of it', async () => {
    const surroundings = new Surroundings({ writesOutside: true })
    const membership = Promise.withResolvers<void>()
    surroundings.lapse = membership.promise
    const runner = await started(surroundings)
    runner.offer(batch(0, 1))
    for (let i = 0; i < 100; i++) await turn()
    expect(surroundings.seen).toEqual([])
    surroundings.lapse = undefined
    membership.resolve()
    await until(() => surroundings.committed?.offset === 2)
    await runner.close({ commit: true })
    expect({ seen: surroundings.seen, opened: surroundings.opened }).toEqual({ seen: [0, 1], opened: 1 })
  })

  it('does not ask for membership when transactions fence what it does', async () => {
    const surroundings = new Surroundings()
    surroundings.lapse = new Promise(() => undefined)
    const runner = await started(surroundings)
    runner.offer(batch(0, 1))
    await until(() => surroundings.committed?.offset === 2)
    await runner.close({ commit: true })
    expect(surroundings.seen).toEqual([0, 1])
  })

  it('can be closed while its membership is in doubt, and has written nothing', async () => {
    const surroundings = new Surroundings({ writesOutside: true })
    surroundings.lapse = new Promise(() => undefined)
    const runner = await started(surroundings)
    runner.offer(batch(0, 1))
    await turn()
    await runner.close({ commit: true })
    expect({ seen: surroundings.seen, commits: surroundings.commits }).toEqual({ seen: [], commits: [] })
  })

  it('tells an error that nobody expected', async () => {
    const surroundings = new Surroundings({
      process: () => {
        throw new TypeError('oops')
      },
    })
    const runner = await started(surroundings)
    runner.offer(batch(0, 0))
    await until(() => surroundings.bugs.length > 0)
    await runner.close({ commit: false })
    expect(surroundings.bugs[0]).toBeInstanceOf(TypeError)
    expect(surroundings.commits).toEqual([])
  })

  it('starts without memory where an offset was set by hand, or its metadata is damaged', async () => {
    const emitted = async (metadata: string) => {
      const memos: (string | undefined)[] = []
      const surroundings = new Surroundings({
        process: (records, out) => {
          for (const record of records) out.reject(record, 'test', 'an output for each')
        },
      })
      const { createTask } = surroundings.context
      const context = {
        ...surroundings.context,
        createTask: (one: typeof place, memo: string | undefined) => {
          memos.push(memo)
          return createTask(one, memo)
        },
      }
      surroundings.committed = { offset: 3, metadata }
      const runner = new TaskRunner(context, place)
      runner.start()
      await until(() => surroundings.seeks.length > 0)
      runner.offer(batch(surroundings.seeks[0]!, 9))
      await until(() => surroundings.committed?.offset === 10)
      await runner.close({ commit: true })
      return {
        memos,
        from: surroundings.seeks,
        outputs: surroundings.commits.flatMap(({ records }) => records).length,
      }
    }
    const fresh = { memos: [undefined], from: [3], outputs: 7 }
    expect(await emitted('')).toEqual(fresh)
    expect(await emitted('1:7')).toEqual(fresh)
    expect(await emitted('2:7:a memo of another version')).toEqual(fresh)
    expect(await emitted('1:7:memo')).toEqual({ memos: ['memo'], from: [3], outputs: 3 })
  })

  it('says so when there is too much to remember, and begins again from the last commit', async () => {
    const surroundings = new Surroundings({
      resumePoint: () => ({ offset: 0, memo: 'm'.repeat(5_000) }),
    })
    const runner = await started(surroundings)
    runner.offer(batch(0, 4))
    await until(() =>
      surroundings.health.snapshot().reasons.join().includes('takes 5004 bytes, and a commit holds 4096'),
    )
    await until(() => surroundings.opened > 1)
    await runner.close({ commit: false })
    expect(surroundings.bugs).toEqual([])
  })
})

describe('TaskRunner with long state', () => {
  const states = new Map([[place.topic, 'state']])
  const entry = (offset: number, key: string, value: string | null): FetchedBatch => ({
    ...place,
    topic: 'state',
    fetchedOffset: offset,
    nextOffset: offset + 1,
    highWatermark: offset + 1,
    messages: [
      {
        position: offset,
        time: 1,
        isAppendTime: false,
        valueBytes: value?.length ?? 0,
        key: Buffer.from(key),
        value: value === null ? null : Buffer.from(value),
        headers: {},
      },
    ],
  })
  const opening = async (surroundings: Surroundings) => {
    const runner = new TaskRunner(surroundings.context, place)
    runner.start()
    await until(() => surroundings.stateSeeks.length > 0)
    return runner
  }

  it('gives the task all that was kept, in order, before the first record', async () => {
    const state = new Map<string, string>()
    let atFirstRecord: object | undefined
    const surroundings = new Surroundings(
      {
        restore: (key, value) => {
          if (value === null) state.delete(key)
          else state.set(key, Buffer.from(value).toString())
        },
        process: (_, out) => {
          atFirstRecord ??= Object.fromEntries(state)
          out.keep('d', Buffer.from('4'))
        },
      },
      states,
    )
    surroundings.ranges.state = { start: 2, end: 9 }
    const runner = await opening(surroundings)
    runner.offer(batch(0, 4))
    for (const [offset, key, value] of [
      [2, 'a', '1'],
      [3, 'b', '1'],
      [4, 'a', '2'],
      [6, 'b', null],
      [7, 'c', '3'],
    ] as const)
      runner.offer(entry(offset, key, value))
    expect(surroundings.seeks).toEqual([])
    // The last offset is the end of a transaction.
    runner.skip('state', 9)
    await until(() => surroundings.seeks.length > 0)
    expect(surroundings.health.snapshot().ready).toBe(true)
    runner.offer(batch(0, 1))
    await until(() => surroundings.committed?.offset === 2)
    await runner.close({ commit: true })
    expect(surroundings.stateSeeks).toEqual([2])
    expect(atFirstRecord).toEqual({ a: '2', c: '3' })
    expect(surroundings.commits.flatMap(({ records }) => records)).toEqual([
      { topic: 'state', partition: 0, key: Buffer.from('d'), value: Buffer.from('4') },
    ])
  })

  it('goes on without an entry that is damaged, and without what it said before', async () => {
    const state = new Map<string, string>()
    const surroundings = new Surroundings(
      {
        restore: (key, value) => {
          if (value === null) state.delete(key)
          else if (value.length > 1) throw new RangeError('too long')
          else state.set(key, Buffer.from(value).toString())
        },
      },
      states,
    )
    surroundings.ranges.state = { start: 0, end: 3 }
    const runner = await opening(surroundings)
    runner.offer(entry(0, 'a', '1'))
    runner.offer(entry(1, 'b', '1'))
    runner.offer(entry(2, 'a', 'damaged'))
    await until(() => surroundings.seeks.length > 0)
    await runner.close({ commit: true })
    expect(Object.fromEntries(state)).toEqual({ b: '1' })
  })

  it('reads nothing when nothing was kept, and writes nothing of what is read again', async () => {
    const surroundings = new Surroundings(
      {
        process: (records, out) => {
          for (const { offset } of records) out.keep(String(offset), Buffer.from('x'))
        },
        resumePoint: () => ({ offset: 0, memo: '' }),
      },
      states,
    )
    surroundings.ranges.state = { start: 5, end: 5 }
    surroundings.committed = { offset: 0, metadata: '1:3:' }
    const runner = await started(surroundings)
    runner.offer(batch(0, 4))
    await until(() => surroundings.committed?.metadata === '1:5:')
    await runner.close({ commit: true })
    expect(surroundings.stateSeeks).toEqual([])
    expect(surroundings.commits.flatMap(({ records }) => records).map(({ key }) => String(key))).toEqual([
      '3',
      '4',
    ])
  })

  it('ends without a commit while its state is being read', async () => {
    let asked = false
    const surroundings = new Surroundings({ beforeCommit: () => (asked = true) }, states)
    const runner = await opening(surroundings)
    runner.offer(entry(0, 'a', '1'))
    await runner.close({ commit: true })
    expect({ asked, commits: surroundings.commits }).toEqual({ asked: false, commits: [] })
  })
})
