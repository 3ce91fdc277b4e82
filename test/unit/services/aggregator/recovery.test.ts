import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { AggregatorTask } from '../../../../services/aggregator/aggregator-task.ts'
import { discarded } from '../../../../shared/stream/output-buffer.ts'
import {
  batchOf,
  begin,
  feed,
  type Happening,
  partialsOf,
  pointsTask,
  rollUpTask,
  second,
  seriesOf,
  settings,
  windowsOf,
} from '../../../support/aggregator.ts'
import { anyLog, anyLogOfFew } from '../../../support/any-telemetry.ts'
import { anyTurns, runWithOwners } from '../../../support/owners.ts'
import { RecordingOutput } from '../../../support/recording-output.ts'
import { record, taskContext, topics } from '../../../support/task-context.ts'

/** Everything at once: three lengths, a sliding window, roll-ups and ratios, and limits that are broken. */
const config = settings({
  sizesMs: [10 * second, 30 * second, 120 * second],
  sliding: [{ sizeMs: 60 * second, stepMs: 30 * second }],
  counterGapMs: 60 * second,
  stateIntervalMs: 30 * second,
  maxSeriesPerMetric: 2,
  rollUps: [{ metric: '*', by: ['region'], name: 'all' }],
  ratios: [
    {
      name: 'share',
      numerator: { metric: 'delta' },
      denominator: { metric: 'distribution' },
      by: ['region'],
    },
  ],
  apdexes: [{ name: 'apdex', metric: 'distribution', threshold: 5 }],
})

/** The same with sources that say whether they are idle, and quiet times in which those that do not are given up. */
const anyToldLog = fc
  .tuple(anyLog, fc.array(fc.constantFrom(null, false, false, true), { minLength: 1, maxLength: 9 }))
  .map(([log, told]) =>
    log.map((entry, i): Happening => {
      if (typeof entry === 'string') return i % 2 === 0 ? 'endless quiet' : entry
      return { ...entry, value: { ...entry.value, sourceIsIdle: told[i % told.length]! } }
    }),
  )

describe('recovery', () => {
  it.each([
    ['all kinds of windows', config],
    ['short windows alone', settings({ counterGapMs: 60 * second })],
    ['short windows of few series', settings({ counterGapMs: 20 * second, maxSeriesPerMetric: 1 })],
    [
      'short windows of few series without lateness',
      settings({
        counterGapMs: 20 * second,
        latenessMs: 0,
        stateIntervalMs: 30 * second,
        maxSeriesPerMetric: 1,
      }),
    ],
    ['no lateness', settings({ ...config, latenessMs: 0 })],
    [
      'sources that are given up',
      settings({ ...config, sourceIdleMs: 10 * second, maxBehindMs: 20 * second }),
    ],
    [
      'few counters beyond few series',
      settings({
        counterGapMs: 20 * second,
        latenessMs: 0,
        stateIntervalMs: 30 * second,
        maxSeriesPerMetric: 1,
        maxOverflowCounters: 1,
      }),
    ],
  ])('after crashes and rebalances at any time goes on as if nothing had happened: %s', async (_, chosen) => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyLog, anyToldLog, anyLogOfFew), anyTurns, async (log, turns) => {
        const undisturbed = new RecordingOutput()
        feed(pointsTask(chosen), log, undisturbed)
        const survived = await runWithOwners(log, turns, (memo) => pointsTask(chosen, memo))
        expect(survived.sent).toEqual(undisturbed.sent)
        expect(survived.rejected).toEqual(undisturbed.rejected)
      }),
      { numRuns: 200, interruptAfterTimeLimit: 30_000 },
    )
  })

  it('of roll-ups after crashes and rebalances at any time goes on as if nothing had happened', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, anyTurns, async (points, turns) => {
        const first = new RecordingOutput()
        feed(pointsTask(config), points, first)
        const log = [...partialsOf(first), 'long quiet' as const]
        const undisturbed = new RecordingOutput()
        feed(rollUpTask(config), log, undisturbed)
        const survived = await runWithOwners(log, turns, (memo) => rollUpTask(config, memo))
        expect(survived.sent).toEqual(undisturbed.sent)
      }),
      { numRuns: 200, interruptAfterTimeLimit: 30_000 },
    )
  })

  it('gives the same output however the log is cut into batches', () => {
    fc.assert(
      fc.property(anyToldLog, fc.integer({ min: 2, max: 10 }), (happenings, size) => {
        const log = happenings.filter((entry) => typeof entry !== 'string')
        const [one, other] = [new RecordingOutput(), new RecordingOutput()]
        feed(pointsTask(config), log, one)
        const running = pointsTask(config)
        for (let from = 0; from < log.length; from += size)
          running.process(log.slice(from, from + size), other, new AbortController().signal)
        expect(other.sent).toEqual(one.sent)
      }),
    )
  })

  describe('with a memo that is too long for a commit, as of very many sources', () => {
    const sources = 600
    // Long enough that the oldest window began when all had been heard of.
    const crashAt = sources * 5
    const log = Array.from({ length: crashAt + 40 }, (_, i) =>
      record(
        i,
        batchOf([{ series: seriesOf('m', { host: `h${i % 7}` }), at: i / 20, value: i }], {
          source: i % sources,
          sources,
        }),
        { timestamp: begin + i * 20 },
      ),
    )
    /** What comes of the log when the task crashes in its midst, and what the next one says in its log. */
    function crashed(lose: (state: Map<string, Uint8Array>) => void) {
      const out = new RecordingOutput()
      const first = pointsTask(config)
      feed(first, log.slice(0, crashAt), out)
      first.beforeCommit(out)
      lose(out.state as Map<string, Uint8Array>)
      const context = taskContext({ topic: topics.points.name })
      const errors = vi.spyOn(context.log, 'error')
      const { offset, memo } = first.resumePoint()!
      const second = new AggregatorTask(config, topics, context, memo)
      for (const [key, value] of out.state) second.restore(key, value)
      second.process(
        log.slice(0, crashAt).filter((one) => one.offset >= offset),
        discarded,
      )
      feed(second, [...log.slice(crashAt), 'quiet'], out)
      return { out, memo, sentences: errors.mock.calls.map((call) => call[1]) }
    }
    const undisturbed = new RecordingOutput()
    feed(pointsTask(config), [...log, 'quiet'], undisturbed)

    it('goes on as if nothing had happened', () => {
      const { out, memo, sentences } = crashed(() => undefined)
      expect(out.sent).toEqual(undisturbed.sent)
      expect({ memo, sentences }).toEqual({ memo: '@', sentences: [] })
    })

    it('says so once when the state has lost it, and still makes the same windows', () => {
      const { out, sentences } = crashed((state) => state.delete('\n'))
      expect(sentences).toEqual([
        'the committed offset refers to a memory that is not in the state topic: starting there without memory',
      ])
      const last = (from: RecordingOutput) =>
        new Map(
          windowsOf(from).map(({ series, start, sizeMs, stepMs, count, sum }) => [
            `${series.metric} ${JSON.stringify(series.tags)} ${start} ${sizeMs}/${stepMs}`,
            { count, sum },
          ]),
        )
      expect(last(out)).toEqual(last(undisturbed))
    })
  })
})
