import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Window, WindowBatch } from '../../../../shared/avro/types.ts'
import type { StreamRecord } from '../../../../shared/stream/task.ts'
import { runWithCrashes } from '../../../support/crashes.ts'
import {
  batchOf,
  detect,
  detectorSettings,
  detectorTask,
  lastWord,
  steady,
  windowAt,
} from '../../../support/detector.ts'
import { RecordingOutput } from '../../../support/recording-output.ts'
import { record, topics } from '../../../support/task-context.ts'

/** So many windows behind the latest one may one be that comes late. */
const maxBack = 6
const config = detectorSettings({ revisableMs: maxBack * 10_000 })
const ofEnsemble = detectorSettings({ ...config, model: 'ensemble', warningOneIn: 1_000 })

/** Two series that are healthy at first; then event time goes on by a window a record, with stragglers and revisions behind it. */
const anyWindow = fc.tuple(
  fc.nat(maxBack),
  fc.constantFrom(100, 101, 102, 103, 150, 20, 400, Number.NaN),
  fc.constantFrom('m', 'n'),
)
const anySteps = fc.array(fc.array(anyWindow, { maxLength: 3 }), { minLength: 10, maxLength: 60 })

function logOf(
  steps: readonly (readonly (readonly [number, number, string])[])[],
  { tellsWatermark = true, warmUp = 20 } = {},
): readonly StreamRecord<WindowBatch>[] {
  const healthy = steady(warmUp).map((window) => [
    window,
    { ...window, series: { ...window.series, metric: 'n' } },
  ])
  const eventful = steps.map((step, i) => [
    ...(i % 7 === 6 ? [] : [windowAt(warmUp + i, 100 + (i % 2))]),
    ...step.map(([back, mean, metric]) => windowAt(warmUp + i - back, mean, { metric, revision: 1 })),
  ])
  return [...healthy, ...eventful].map((windows, i) =>
    record(i * 2, batchOf(windows, tellsWatermark ? i - (i % 3) : undefined)),
  )
}

describe('the detector', () => {
  it('goes on after a crash at any commit as if nothing had happened', () => {
    fc.assert(
      fc.property(anySteps, fc.array(fc.nat(80), { minLength: 1, maxLength: 5 }), (steps, crashes) => {
        const log = logOf(steps)
        const undisturbed = new RecordingOutput()
        detectorTask(config).process(log, undisturbed)
        expect(runWithCrashes((memo) => detectorTask(config, memo), log, crashes).sent).toEqual(
          undisturbed.sent,
        )
      }),
      { numRuns: 200 },
    )
  })

  it('does so with the ensemble as well', () => {
    let told = 0
    fc.assert(
      fc.property(anySteps, fc.array(fc.nat(150), { minLength: 1, maxLength: 5 }), (steps, crashes) => {
        const log = logOf(steps, { warmUp: 100 })
        const undisturbed = new RecordingOutput()
        detectorTask(ofEnsemble).process(log, undisturbed)
        told += undisturbed.sent.length
        expect(runWithCrashes((memo) => detectorTask(ofEnsemble, memo), log, crashes).sent).toEqual(
          undisturbed.sent,
        )
      }),
      { numRuns: 60 },
    )
    expect(told).toBeGreaterThan(60)
  })

  it('foretells the same of a limit, whenever it crashes', () => {
    const leaky = detectorSettings({ ...ofEnsemble, limits: [{ metric: 'm', where: {}, limit: 1_000 }] })
    const log = Array.from({ length: 560 }, (_, i) =>
      record(i, batchOf([windowAt(i, 100 + 1.2 * i + (i % 3) + (i % 5))], i)),
    )
    const undisturbed = new RecordingOutput()
    detectorTask(leaky).process(log, undisturbed)
    expect(undisturbed.of(topics.anomalies).map(({ limit }) => limit)).toContain(1_000)
    expect(
      runWithCrashes((memo) => detectorTask(leaky, memo), log, [200, 449, 450, 480, 481, 559]).sent,
    ).toEqual(undisturbed.sent)
  })

  it('comes to the same after a crash at each commit, one after the other', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const log = logOf(steps)
        const undisturbed = new RecordingOutput()
        detectorTask(config).process(log, undisturbed)
        const survived = runWithCrashes((memo) => detectorTask(config, memo), log, [...log.keys()])
        expect(survived.sent).toEqual(undisturbed.sent)
      }),
      { numRuns: 20 },
    )
  })

  it('knows in the end what it would of windows that had come once, in order', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        // What is missing depends on when one looks.
        const log = logOf(steps, { tellsWatermark: false })
        const windows = log.flatMap(({ value }) => value.windows)
        const last = new Map<string, Window>()
        for (const window of windows) last.set(`${window.series.metric} ${window.start}`, window)
        const inOrder = [...last.values()]
          .filter(({ mean }) => !Number.isNaN(mean))
          .sort((a, b) => a.start - b.start)
        const out = new RecordingOutput()
        detectorTask(config).process(log, out)
        expect(essence(out)).toEqual(essenceOf(detect(inOrder, config)))
      }),
      { numRuns: 200 },
    )
  })

  it('reads again no more than what is not stored', () => {
    const task = detectorTask(config)
    const out = new RecordingOutput()
    task.process(
      steady(200).map((window, i) => record(i, batchOf([window], i))),
      out,
    )
    expect(task.resumePoint()!.offset).toBeGreaterThan(200 - 25)
    expect(out.state.size).toBe(1)
  })
})

const essence = (out: RecordingOutput) => essenceOf(out.of(topics.anomalies))

/** What does not tell how it came about. */
function essenceOf(anomalies: Parameters<typeof lastWord>[0]) {
  return [...lastWord(anomalies)]
    .map(([id, { start, end, peak, value, windows, severity }]) => {
      // An open one is told again only when it has become worse.
      return end === null ? { id, start, end } : { id, start, end, peak, value, windows, severity }
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}
