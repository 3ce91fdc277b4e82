import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Marker, WindowBatch } from '../../../../../shared/avro/types.ts'
import type { StreamRecord } from '../../../../../shared/stream/task.ts'
import { anyAnomaly } from '../../../../support/any-anomaly.ts'
import { runWithCrashes } from '../../../../support/crashes.ts'
import {
  batchOf,
  begin,
  detectorSettings,
  detectorTask,
  sizeMs,
  steady,
  windowAt,
} from '../../../../support/detector.ts'
import { deployAt, maintenanceOf, markerBatch, removed, verdictOn } from '../../../../support/markers.ts'
import { RecordingOutput } from '../../../../support/recording-output.ts'
import { record, topics } from '../../../../support/task-context.ts'

const warmUp = 20
const maxBack = 6
// Everything is forgotten as soon as may be, so that it happens here.
const config = detectorSettings({
  revisableMs: maxBack * sizeMs,
  forgetMs: 60_000,
  feedbackHalfLifeMs: 3_600_000,
})

/** A marker that is told at a step: about what was some windows before, or will be. */
const anyMarker = fc.record({
  what: fc.constantFrom('maintenance', 'deploy', 'expected', 'real', 'removed'),
  id: fc.constantFrom('a', 'b', 'c'),
  metric: fc.constantFrom('m', 'n', '*'),
  back: fc.integer({ min: -5, max: 25 }),
  length: fc.integer({ min: 1, max: 12 }),
})
const anyStep = fc.record({
  values: fc.array(fc.tuple(fc.nat(maxBack), fc.constantFrom(100, 103, 150, 20, 400, Number.NaN)), {
    maxLength: 2,
  }),
  level: fc.constantFrom(100, 100, 100, 180),
  /** Windows that nothing comes in. */
  pause: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 3, 70),
  marker: fc.option(anyMarker, { freq: 3 }),
})
const anySteps = fc.array(anyStep, { minLength: 10, maxLength: 60 })
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never

function markerOf({ what, id, metric, back, length }: NonNullable<Step['marker']>, at: number): Marker {
  const from = at - back
  if (what === 'deploy') return deployAt(from, { id, metric })
  if (what === 'maintenance') return maintenanceOf(from, from + length, { id, metric })
  if (what === 'removed') return removed(deployAt(0, { id }))
  const start = begin + from * sizeMs
  const anomaly = anyAnomaly({ metric: metric === '*' ? 'm' : metric, start })
  return { ...verdictOn(anomaly, what as 'expected' | 'real'), id }
}

function logOf(steps: readonly Step[], healthy = warmUp): readonly StreamRecord<WindowBatch>[] {
  const batches: WindowBatch[] = []
  for (let i = 0; i < healthy; i++)
    batches.push(batchOf([windowAt(i, 100 + (i % 3)), windowAt(i, 100 + (i % 3), { metric: 'n' })], i))
  let at = healthy
  for (const { values, level, pause, marker } of steps) {
    at += 1 + pause
    const late = values.map(([back, mean]) => windowAt(at - back, mean, { metric: 'n', revision: 1 }))
    batches.push(batchOf([windowAt(at, level + (at % 2)), ...late], at))
    if (marker) batches.push(markerBatch(markerOf(marker, at)))
  }
  // Offsets have gaps where transactions end.
  return batches.map((batch, i) => record(i * 2, batch))
}

describe('the detector, told markers', () => {
  it('goes on after a crash at any commit as if nothing had happened', () => {
    let marked = 0
    let withdrawn = 0
    fc.assert(
      fc.property(anySteps, fc.array(fc.nat(120), { minLength: 1, maxLength: 6 }), (steps, crashes) => {
        const log = logOf(steps)
        const undisturbed = new RecordingOutput()
        detectorTask(config).process(log, undisturbed)
        const survived = runWithCrashes((memo) => detectorTask(config, memo), log, crashes)
        expect(survived.sent).toEqual(undisturbed.sent)
        expect([...survived.state.keys()].sort()).toEqual([...undisturbed.state.keys()].sort())
        const anomalies = undisturbed.of(topics.anomalies)
        marked += anomalies.filter(({ deploy }) => deploy).length
        withdrawn += anomalies.filter(({ state }) => state === 'withdrawn').length
      }),
      { numRuns: 200 },
    )
    expect(marked).toBeGreaterThan(50)
    expect(withdrawn).toBeGreaterThan(50)
  })

  it('does so with the ensemble as well', () => {
    const ofEnsemble = { ...config, model: 'ensemble', warningOneIn: 1_000 }
    let told = 0
    fc.assert(
      fc.property(anySteps, fc.array(fc.nat(200), { minLength: 1, maxLength: 5 }), (steps, crashes) => {
        const log = logOf(steps, 100)
        const undisturbed = new RecordingOutput()
        detectorTask(ofEnsemble).process(log, undisturbed)
        told += undisturbed.of(topics.anomalies).length
        expect(runWithCrashes((memo) => detectorTask(ofEnsemble, memo), log, crashes).sent).toEqual(
          undisturbed.sent,
        )
      }),
      { numRuns: 50 },
    )
    expect(told).toBeGreaterThan(50)
  })

  it('comes to the same after a crash at each commit, one after the other', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const log = logOf(steps)
        const undisturbed = new RecordingOutput()
        detectorTask(config).process(log, undisturbed)
        expect(runWithCrashes((memo) => detectorTask(config, memo), log, [...log.keys()]).sent).toEqual(
          undisturbed.sent,
        )
      }),
      { numRuns: 30 },
    )
  })

  it('knows of a series that is stored, and whose log is not read again, what was told since', () => {
    let found = 0
    for (let count = warmUp; count < 80; count++) {
      const out = new RecordingOutput()
      const before = detectorTask(config)
      before.process(
        steady(count).map((window, i) => record(i, batchOf([window]))),
        out,
      )
      if (before.resumePoint()!.offset < count) continue
      found++
      before.process([record(count, markerBatch(maintenanceOf(count, count + 5)))], out)
      const { offset, memo } = before.resumePoint()!
      expect(offset).toBe(count + 1)
      const after = detectorTask(config, memo)
      for (const [key, value] of out.state) after.restore(key, value)
      after.process([record(offset, batchOf([windowAt(count, 500)]))], out)
      expect(out.sent).toEqual([])
    }
    expect(found).toBeGreaterThan(0)
  })

  it('says in the end the same of a maintenance that is told late as of one that was told before', () => {
    fc.assert(
      fc.property(fc.nat(maxBack - 1), fc.integer({ min: 1, max: 6 }), (back, length) => {
        const windows = Array.from({ length: 60 }, (_, i) =>
          windowAt(i, i >= 30 && i < 36 ? 400 : 100 + (i % 3)),
        )
        const maintenance = maintenanceOf(30, 30 + length)
        const ends = [0, 31 + back].map((place) => {
          const batches = windows.map((window) => batchOf([window]))
          batches.splice(place, 0, markerBatch(maintenance))
          const out = new RecordingOutput()
          detectorTask(config).process(
            batches.map((batch, i) => record(i, batch)),
            out,
          )
          const last = new Map(out.of(topics.anomalies).map((one) => [one.id, one]))
          return [...last.values()]
            .filter(({ state }) => state !== 'withdrawn')
            .map(({ id, start, end, peak, value }) => ({ id, start, end, peak, value }))
        })
        expect(ends[1]).toEqual(ends[0])
      }),
    )
  })
})
