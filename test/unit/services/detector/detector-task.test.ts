import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DetectorConfig, detectorSection } from '../../../../services/detector/config.ts'
import { DetectorTask } from '../../../../services/detector/detector-task.ts'
import type { Window, WindowBatch } from '../../../../shared/avro/types.ts'
import { RecordingOutput } from '../../../support/recording-output.ts'
import { record, taskContext, topics } from '../../../support/task-context.ts'

const begin = 1_700_000_000_000
const sizeMs = 10_000
const config: DetectorConfig = detectorSection.schema.parse({
  minWindows: 5,
  baselineWindows: 10,
  threshold: 6,
  baselineMs: 150_000,
})

const window = (at: number, mean: number, { revision = 0, metric = 'm' } = {}): Window => ({
  series: { metric, tags: [], kind: 'gauge', unit: '' },
  start: begin + at * sizeMs,
  sizeMs,
  revision,
  count: 1,
  sum: mean,
  min: mean,
  max: mean,
  mean,
  rate: 0.1,
  p50: mean,
  p90: mean,
  p95: mean,
  p99: mean,
  stepMs: 10_000,
  increase: null,
  numerator: null,
  denominator: null,
  sketch: new Uint8Array(),
})

const task = (memo?: string) => new DetectorTask(config, topics, taskContext(), memo)

function run(windows: readonly Window[]) {
  const out = new RecordingOutput()
  task().process(
    windows.map((one, offset) => record(offset, { windows: [one] })),
    out,
  )
  return out.of(topics.anomalies)
}

const steady = Array.from({ length: 10 }, (_, i) => window(i, 100 + (i % 3)))

describe('DetectorTask', () => {
  it('finds what is far from the recent past, and says what was expected', () => {
    const [anomaly, ...more] = run([...steady, window(10, 150)])
    expect(more).toEqual([])
    expect(anomaly).toMatchObject({
      windowStart: begin + 10 * sizeMs,
      windowSizeMs: sizeMs,
      statistic: 'mean',
      model: 'robust-z-score',
      value: 150,
      expected: 101,
      direction: 'above',
    })
    expect(anomaly!.score).toBeGreaterThan(6)
    expect(anomaly!.expectedLow).toBeLessThan(100)
    expect(anomaly!.expectedHigh).toBeLessThan(150)
    expect(run([...steady, window(10, 20)])).toMatchObject([{ direction: 'below' }])
  })

  it('says nothing of what is normal, or before it knows', () => {
    expect(run([...steady, window(10, 103)])).toEqual([])
    expect(run([...steady.slice(0, 4), window(4, 1e6)])).toEqual([])
  })

  it('lets a flat line flutter', () => {
    const flat = Array.from({ length: 10 }, (_, i) => window(i, 100))
    expect(run([...flat, window(10, 101)])).toEqual([])
    expect(run([...flat, window(10, 200)])).toHaveLength(1)
  })

  it('does not take an incident for normal at once, but a new level after some time', () => {
    const anomalies = run([...steady, ...Array.from({ length: 20 }, (_, i) => window(10 + i, 200 + (i % 3)))])
    expect(anomalies.length).toBeGreaterThanOrEqual(4)
    expect(anomalies.length).toBeLessThan(12)
  })

  it('judges a revised window anew under the same id, and learns only the last word', () => {
    const [first, second] = run([
      ...steady,
      window(10, 150),
      window(10, 170, { revision: 1 }),
      window(11, 101),
    ])
    expect(second).toMatchObject({ id: first!.id, revision: 1, value: 170 })
    expect(run([...steady, window(10, 100), window(10, 150, { revision: 1 })])).toHaveLength(1)
  })

  it('keeps series apart', () => {
    expect(
      run([
        ...steady,
        ...steady.map((one) => ({ ...one, series: { ...one.series, metric: 'n' }, mean: one.mean * 1000 })),
      ]),
    ).toEqual([])
  })

  it('goes on after a crash at any commit as if nothing had happened', () => {
    const anyWindow = fc.tuple(
      fc.integer({ min: -20, max: 1 }),
      fc.constantFrom(100, 101, 102, 150, 20),
      fc.constantFrom('m', 'n'),
    )
    fc.assert(
      fc.property(
        fc.array(fc.array(anyWindow, { minLength: 1, maxLength: 3 }), { minLength: 20, maxLength: 80 }),
        fc.nat(),
        (steps, crash) => {
          // Event time goes on by one window a record, with stragglers and revisions behind it.
          const log = steps.map((step, i) =>
            record<WindowBatch>(i * 2, {
              windows: step.map(([back, mean, metric]) =>
                window(i + back, mean, { metric, revision: back < 0 ? 1 : 0 }),
              ),
            }),
          )
          const uninterrupted = new RecordingOutput()
          task().process(log, uninterrupted)

          const survived = new RecordingOutput()
          const at = 1 + (crash % (log.length - 1))
          const before = task()
          before.process(log.slice(0, at), survived)
          const resume = before.resumePoint()!
          const after = task(resume.memo)
          after.process(
            log.slice(0, at).filter(({ offset }) => offset >= resume.offset),
            new RecordingOutput(),
          )
          after.process(log.slice(at), survived)
          expect(survived.sent).toEqual(uninterrupted.sent)
        },
      ),
      { numRuns: 300 },
    )
  })
})
