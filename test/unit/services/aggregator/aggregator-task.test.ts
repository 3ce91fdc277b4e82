import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AggregatorTask } from '../../../../services/aggregator/aggregator-task.ts'
import { type AggregatorConfig, aggregatorSection } from '../../../../services/aggregator/config.ts'
import type { PointBatch, Window } from '../../../../shared/avro/types.ts'
import type { StreamRecord } from '../../../../shared/stream/task.ts'
import { RecordingOutput } from '../../../support/recording-output.ts'
import { record, taskContext, topics } from '../../../support/task-context.ts'

const begin = 1_700_000_000_000
const second = 1_000

const config: AggregatorConfig = aggregatorSection.schema.parse({
  sizesMs: [10 * second],
  disorderMs: 2 * second,
  latenessMs: 20 * second,
})

/** Points `[seconds after the beginning, value]` of one series, written by one source. */
function batch(
  points: readonly (readonly [number, number])[],
  { source = 0, metric = 'm' } = {},
): PointBatch {
  return {
    source: {
      topic: 'raw',
      partition: source,
      firstOffset: 0,
      lastOffset: 0,
      lastTimestamp: 0,
      partitions: 0,
    },
    series: [{ metric, tags: [{ key: 'host', value: 'a' }], kind: 'gauge', unit: '' }],
    seriesIndex: points.map(() => 0),
    times: points.map(([seconds]) => begin + seconds * second),
    values: points.map(([, value]) => value),
    histograms: [],
  }
}

const task = (memo?: string, settings = config) => new AggregatorTask(settings, topics, taskContext(), memo)

function run(batches: readonly PointBatch[], settings = config) {
  const out = new RecordingOutput()
  const running = task(undefined, settings)
  running.process(
    batches.map((value, offset) => record(offset, value, { timestamp: begin + offset * second })),
    out,
  )
  return { out, running, windows: windowsOf(out) }
}

const windowsOf = (out: RecordingOutput) => out.of(topics.windows).flatMap(({ windows }) => windows)
const brief = ({ start, revision, count, sum, min, max, mean, rate, p50, p99 }: Window) => ({
  start: (start - begin) / second,
  revision,
  count,
  sum,
  min,
  max,
  mean,
  rate,
  p50,
  p99,
})

describe('AggregatorTask', () => {
  it('emits a window when the watermark passes its end', () => {
    expect(
      run([
        batch([
          [1, 5],
          [2, 7],
          [9, 6],
        ]),
        batch([[11.9, 1]]),
      ]).windows,
    ).toEqual([])
    const { windows } = run([
      batch([
        [1, 5],
        [2, 7],
        [9, 6],
      ]),
      batch([[12, 1]]),
    ])
    expect(windows.map(brief)).toEqual([
      { start: 0, revision: 0, count: 3, sum: 18, min: 5, max: 7, mean: 6, rate: 0.3, p50: 6, p99: 7 },
    ])
  })

  it('takes points in any order within the allowed disorder', () => {
    const { windows } = run([batch([[11, 1]]), batch([[9.5, 2]]), batch([[12, 3]])])
    expect(windows.map(({ count, revision }) => ({ count, revision }))).toEqual([{ count: 1, revision: 0 }])
  })

  it('keeps series apart', () => {
    const { windows } = run([batch([[1, 1]]), batch([[1, 2]], { metric: 'other' }), batch([[13, 0]])])
    expect(windows.map(({ series, sum }) => [series.metric, sum])).toEqual([
      ['m', 1],
      ['other', 2],
    ])
  })

  it('emits a window again, with the next revision, for each record that brings late points', () => {
    const { windows } = run([
      batch([[1, 1]]),
      batch([[12, 0]]),
      batch([
        [3, 4],
        [4, 5],
      ]),
      batch([[5, 6]]),
    ])
    expect(windows.map(brief)).toMatchObject([
      { start: 0, revision: 0, count: 1, sum: 1 },
      { start: 0, revision: 1, count: 3, sum: 10 },
      { start: 0, revision: 2, count: 4, sum: 16 },
    ])
  })

  it('sends points that come after the lateness to the late topic, and only those', () => {
    const { out, windows } = run([
      batch([[1, 1]]),
      batch([[60, 0]]),
      batch([
        [2, 9],
        [55, 3],
      ]),
      batch([[75, 0]]),
    ])
    expect(out.of(topics.late)).toMatchObject([{ times: [begin + 2 * second], values: [9] }])
    expect(windows.map(({ start, sum }) => [(start - begin) / second, sum])).toEqual([
      [0, 1],
      [50, 3],
      [60, 0],
    ])
  })

  it('waits for the slower of two sources', () => {
    const slow = (seconds: number) => batch([[seconds, 1]], { source: 1 })
    const { windows } = run([batch([[1, 1]]), slow(1), batch([[13, 1]]), batch([[30, 1]])])
    expect(windows).toEqual([])
    expect(
      run([batch([[1, 1]]), slow(1), batch([[13, 1]]), slow(12)]).windows.map(({ count }) => count),
    ).toEqual([2])
  })

  it('no longer waits for a source that has gone quiet', () => {
    const settings = { ...config, sourceIdleMs: 2_500 }
    const batches = [
      batch([[1, 1]], { source: 1 }),
      ...[2, 13, 14, 15].map((seconds) => batch([[seconds, 1]])),
    ]
    expect(run(batches, settings).windows.map(({ count }) => count)).toEqual([2])
  })

  it('closes the open windows of a quiet partition, which still take late points', () => {
    const { running } = run([
      batch([
        [1, 1],
        [11, 2],
      ]),
    ])
    const out = new RecordingOutput()
    running.quiet[0]!.act(out)
    running.process([record(1, batch([[12, 3]]))], out)
    expect(windowsOf(out).map(brief)).toMatchObject([
      { start: 0, count: 1 },
      { start: 10, count: 1, revision: 0 },
      { start: 10, count: 2, revision: 1 },
    ])
  })

  it.each([
    ['an index beyond the dictionary', { ...batch([[1, 1]]), seriesIndex: [1] }],
    ['a negative index', { ...batch([[1, 1]]), seriesIndex: [-1] }],
    ['columns of different lengths', { ...batch([[1, 1]]), values: [] }],
    ['a value that is no number', batch([[1, Number.NaN]])],
  ])('refuses %s and goes on', (_, flawed) => {
    const { out, windows } = run([flawed, batch([[1, 1]]), batch([[12, 1]])])
    expect(out.rejected.map(({ offset, reason }) => [offset, reason])).toEqual([[0, 'malformed_batch']])
    expect(windows.map(({ count }) => count)).toEqual([1])
  })
})

/** What happens to a partition: a record, or a quiet moment. */
type Event =
  | { readonly kind: 'record'; readonly value: PointBatch; readonly appendedAfterMs: number }
  | { readonly kind: 'quiet' }

const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('record' as const),
      appendedAfterMs: fc.integer({ min: 0, max: 8_000 }),
      value: fc
        .record({
          source: fc.integer({ min: 0, max: 2 }),
          metric: fc.constantFrom('m', 'n'),
          base: fc.integer({ min: 0, max: 90 }),
          points: fc.array(
            fc.tuple(fc.integer({ min: -30, max: 10 }), fc.double({ min: -1e6, max: 1e6, noNaN: true })),
            { minLength: 1, maxLength: 5 },
          ),
        })
        .map(({ source, metric, base, points }) =>
          batch(
            points.map(([offset, value]) => [base + offset, value] as const),
            { source, metric },
          ),
        ),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'quiet' as const }) },
)

/** Offsets as a partition has them: with gaps where transactions ended. */
function placed(events: readonly Event[]): readonly (StreamRecord<PointBatch> | 'quiet')[] {
  let offset = 0
  let timestamp = begin
  return events.map((event) => {
    if (event.kind === 'quiet') return 'quiet'
    offset += 2
    timestamp += event.appendedAfterMs
    return record(offset, event.value, { timestamp })
  })
}

function feed(
  running: AggregatorTask,
  log: readonly (StreamRecord<PointBatch> | 'quiet')[],
  out: RecordingOutput,
): void {
  for (const entry of log) {
    if (entry === 'quiet') running.quiet[0]!.act(out)
    else running.process([entry], out)
  }
}

describe('recovery of the AggregatorTask', () => {
  it('goes on after a crash at any commit as if nothing had happened', () => {
    fc.assert(
      fc.property(
        fc.array(anyEvent, { minLength: 2, maxLength: 40 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
        (events, crashes) => {
          const log = placed(events)
          const uninterrupted = new RecordingOutput()
          feed(task(), log, uninterrupted)

          const survived = new RecordingOutput()
          const commits = [...new Set(crashes.map((crash) => crash % log.length))].sort((a, b) => a - b)
          let running = task()
          let from = 0
          for (const commit of commits) {
            feed(running, log.slice(from, commit), survived)
            from = commit
            const resume = running.resumePoint()
            // Nothing was committed yet: a new owner begins where the old one did.
            if (!resume) continue
            running = task(resume.memo)
            const again = log
              .slice(0, commit)
              .filter(
                (entry) => entry !== 'quiet' && entry.offset >= resume.offset,
              ) as StreamRecord<PointBatch>[]
            running.process(again, new RecordingOutput())
          }
          feed(running, log.slice(from), survived)
          expect(survived.sent).toEqual(uninterrupted.sent)
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it('gives the same output however the log is cut into batches', () => {
    fc.assert(
      fc.property(
        fc.array(anyEvent, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 10 }),
        (events, size) => {
          const log = placed(events).filter((entry) => entry !== 'quiet')
          const [one, other] = [new RecordingOutput(), new RecordingOutput()]
          feed(task(), log, one)
          const running = task()
          for (let from = 0; from < log.length; from += size)
            running.process(log.slice(from, from + size), other)
          expect(other.sent).toEqual(one.sent)
        },
      ),
    )
  })

  it('loses no point: each is in the last revision of its window, or in the late topic', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 40 }), (events) => {
        const out = new RecordingOutput()
        const running = task()
        feed(running, placed([...events, { kind: 'quiet' }]), out)
        const last = new Map(
          windowsOf(out).map((window) => [`${window.series.metric}@${window.start}`, window]),
        )
        const counted = [...last.values()].reduce((sum, { count }) => sum + count, 0)
        const late = out.of(topics.late).reduce((sum, { times }) => sum + times.length, 0)
        const published = events.reduce(
          (sum, event) => sum + (event.kind === 'record' ? event.value.times.length : 0),
          0,
        )
        expect(counted + late).toBe(published)
      }),
    )
  })
})
