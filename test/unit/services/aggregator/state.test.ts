import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binaryForm } from '../../../../shared/avro/binary.ts'
import type { SeriesState } from '../../../../shared/avro/types.ts'
import {
  brief,
  feed,
  histogramOf,
  type Point,
  pointsTask,
  restart,
  second,
  seriesOf,
  settings,
  windowsOf,
  written,
} from '../../../support/aggregator.ts'
import { RecordingOutput } from '../../../support/recording-output.ts'
import { noSignal } from '../../../support/task-context.ts'

const lengths = (...seconds: readonly number[]) =>
  settings({ sizesMs: seconds.map((size) => size * second), latenessMs: 0, stateIntervalMs: 10 * second })

const form = binaryForm<SeriesState>('SeriesState', 2)
const config = lengths(10, 60, 3_600)

const gauge = seriesOf('m')
const at = (seconds: number, value: Point['value'], series = gauge): Point => ({ series, at: seconds, value })

/** What a task has stored of a gauge, a counter, a cumulative histogram and a set by the middle of a minute. */
const histogram = histogramOf({ counts: [1, 2, 3, 4], sum: 500 })
const past = written(
  [
    at(1, 1),
    at(1, 5, seriesOf('c', {}, 'counter')),
    at(1, histogram, seriesOf('h', {}, 'counter')),
    at(1, 7, seriesOf('s', {}, 'set')),
  ],
  [at(15, 2)],
  [at(32, 4)],
)

function storedBy(chosen = config) {
  const out = new RecordingOutput()
  const running = pointsTask(chosen)
  feed(running, past, out)
  running.beforeCommit(out)
  return { out, running, memo: running.resumePoint()!.memo }
}

/** The last length of the name is that of the windows that were emitted before. */
const goOn = (chosen: typeof config) => {
  const { out, running } = storedBy()
  const before = windowsOf(out).length
  const next = restart(running, past, out, (memo) => pointsTask(chosen, memo))!
  feed(
    next,
    written(...Array(3).fill([]), [at(45, 8)], [at(62, 0)], [at(130, 0)], [at(3_602, 0)]).slice(3),
    out,
  )
  const after = windowsOf(out).slice(before)
  return brief(
    after.filter(({ distinct }) => distinct === null),
    'count',
    'sum',
  )
}

describe('stored state', () => {
  it('is that of each series, and only of series', () => {
    expect([...storedBy().out.state.keys()].sort()).toEqual(['c', 'h', 'm', 's'])
  })

  it('that is cut off, or has more behind it, is refused', () => {
    for (const [key, bytes] of storedBy().out.state) {
      for (let length = 0; length < bytes.length; length++)
        expect(() => pointsTask(config).restore(key, bytes.subarray(0, length))).toThrow(RangeError)
      expect(() => pointsTask(config).restore(key, Buffer.concat([bytes, Buffer.of(0)]))).toThrow(RangeError)
    }
  })

  it('of another version is refused', () => {
    const { state } = storedBy().out
    const bytes = Uint8Array.from(state.get('m')!)
    bytes[0]!++
    expect(() => pointsTask(config).restore('m', bytes)).toThrow('not a SeriesState of version 2')
  })

  it('with a count that its bytes can not hold is refused', () => {
    const bytes = Uint8Array.from(storedBy().out.state.get('m')!)
    // The length of the metric: what follows is taken for the number of tags, which is then in the millions.
    bytes[1]! ^= 14
    expect(() => pointsTask(config).restore('m', bytes)).toThrow('not a SeriesState: truncated buffer')
  })

  it('of another series is refused', () => {
    const { state } = storedBy().out
    expect(() => pointsTask(config).restore('h', state.get('m')!)).toThrow('not the state of h, but of m')
  })

  it.each([
    ['a window that starts where none does', { start: 1 }, 'no window of every 60000 ms starts at 1'],
    ['a revision below the first', { revision: -1 }, 'the impossible revision -1'],
    ['a revision without one after it', { revision: 2 ** 31 - 1 }, 'the impossible revision 2147483647'],
  ])('with %s is refused', (_, change, message) => {
    const state = form.decode(storedBy().out.state.get('m')!)
    const [window, ...others] = state.windows
    const bytes = form.encode({ ...state, windows: [{ ...window!, ...change }, ...others] })
    expect(() => pointsTask(config).restore('m', bytes)).toThrow(message)
  })

  it('with any byte damaged is refused, or at least stops no task', () => {
    const { out, memo } = storedBy()
    const stored = [...out.state]
    fc.assert(
      fc.property(
        fc.nat(stored.length - 1),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (one, place, change) => {
          const [key, whole] = stored[one]!
          const bytes = Uint8Array.from(whole)
          bytes[place % bytes.length]! ^= change
          const task = pointsTask(config, memo)
          try {
            task.restore(key, bytes)
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError)
            task.restore(key, null)
          }
          const more = written(
            ...Array(3).fill([]),
            [at(62, 0), at(62, 9, seriesOf('c', {}, 'counter'))],
            [at(130, 0)],
          )
          task.process(more.slice(3), new RecordingOutput(), noSignal)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('goes on as it was', () => {
    expect(goOn(config)).toEqual([
      { from: 30, to: 40, revision: 0, count: 1, sum: 4 },
      { from: 40, to: 50, revision: 0, count: 1, sum: 8 },
      { from: 0, to: 60, revision: 0, count: 4, sum: 15 },
      { from: 60, to: 70, revision: 0, count: 1, sum: 0 },
      { from: 60, to: 120, revision: 0, count: 1, sum: 0 },
      { from: 130, to: 140, revision: 0, count: 1, sum: 0 },
      { from: 120, to: 180, revision: 0, count: 1, sum: 0 },
      { from: 0, to: 3_600, revision: 0, count: 6, sum: 15 },
    ])
  })

  it('of windows that the configuration no longer has is dropped, and all others go on', () => {
    const after = goOn(lengths(10, 60, 120))
    expect(after.filter(({ from, to }) => to - from === 3_600)).toEqual([])
    expect(after.filter(({ from, to }) => to - from === 60)[0]).toEqual({
      from: 0,
      to: 60,
      revision: 0,
      count: 4,
      sum: 15,
    })
  })

  it('of windows that are new in the configuration begins with what was read since', () => {
    const after = goOn(lengths(10, 30, 60, 3_600))
    expect(after.filter(({ from, to }) => to - from === 30 && from < 60)).toEqual([
      { from: 30, to: 60, revision: 0, count: 2, sum: 12 },
    ])
    expect(after.filter(({ from, to }) => from === 0 && to === 60)).toMatchObject([{ count: 4, sum: 15 }])
  })
})
