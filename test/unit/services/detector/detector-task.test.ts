import { describe, expect, it } from 'vitest'
import type { DetectorConfig } from '../../../../services/detector/config.ts'
import { DetectorTask } from '../../../../services/detector/detector-task.ts'
import type { Window, WindowBatch } from '../../../../shared/avro/types.ts'
import { createLogger } from '../../../../shared/observability/logger.ts'
import {
  batchOf,
  begin,
  detect,
  detectorSettings,
  detectorTask,
  logOf,
  sizeMs,
  steady,
  windowAt,
} from '../../../support/detector.ts'
import { RecordingOutput } from '../../../support/recording-output.ts'
import { record, taskContext, topics } from '../../../support/task-context.ts'

const at = (windows: number) => begin + windows * sizeMs

describe('DetectorTask', () => {
  it('tells what is far from the recent past, and what was expected', () => {
    const [anomaly, ...more] = detect([...steady(20), windowAt(20, 150)])
    expect(more).toEqual([])
    expect(anomaly).toMatchObject({
      state: 'open',
      revision: 0,
      start: at(20),
      peak: at(20),
      end: null,
      windowStart: at(20),
      windowSizeMs: sizeMs,
      statistic: 'mean',
      model: 'robust-z-score',
      kind: 'spike',
      severity: 'critical',
      direction: 'above',
      value: 150,
      expected: 101,
      contributions: [{ model: 'robust-z-score', share: 1 }],
      message: 'm: mean rose to 150, normal is 92.92 to 109.1 (critical, since 2023-11-14 22:16:40)',
    })
    expect(anomaly!.likelihood).toBeGreaterThan(1 - 1e-10)
    expect(detect([...steady(20), windowAt(20, 20)])).toMatchObject([{ direction: 'below', kind: 'drop' }])
  })

  it('says nothing of what is normal, or before it knows', () => {
    expect(detect([...steady(20), windowAt(20, 103)])).toEqual([])
    expect(detect([...steady(10), windowAt(10, 1e6)])).toEqual([])
  })

  it('makes one anomaly of an incident, with its peak and its end', () => {
    const incident = [150, 160, 101, 300, 101, 102].map((mean, i) => windowAt(20 + i, mean))
    const anomalies = detect([...steady(20), ...incident, ...steady(5, { from: 26 })])
    expect(anomalies.map(({ state, value, windows }) => ({ state, value, windows }))).toEqual([
      { state: 'open', value: 150, windows: 1 },
      { state: 'peak', value: 300, windows: 3 },
      { state: 'closed', value: 300, windows: 3 },
    ])
    expect(anomalies.at(-1)).toMatchObject({ start: at(20), peak: at(23), end: at(24), windowStart: at(26) })
    expect(new Set(anomalies.map(({ id }) => id)).size).toBe(1)
    expect(anomalies.at(-1)!.message).toContain('from 2023-11-14 22:16:40 to 2023-11-14 22:17:20, 40 s')
  })

  it('makes two anomalies when the cool-down lies between', () => {
    const anomalies = detect([
      ...steady(20),
      windowAt(20, 150),
      ...steady(5, { from: 21 }),
      windowAt(26, 150),
    ])
    expect(anomalies.map(({ state, start }) => ({ state, start }))).toEqual([
      { state: 'open', start: at(20) },
      { state: 'closed', start: at(20) },
      { state: 'open', start: at(26) },
    ])
  })

  describe('of a revised window', () => {
    it('corrects the anomaly', () => {
      const [first, second, ...more] = detect([
        ...steady(20),
        windowAt(20, 150),
        windowAt(20, 170, { revision: 1 }),
      ])
      expect(more).toEqual([])
      expect(second).toMatchObject({ id: first!.id, state: 'peak', revision: 1, value: 170, windows: 1 })
    })

    it('withdraws it when all was normal, and brings it back', () => {
      const anomalies = detect([
        ...steady(20),
        windowAt(20, 150),
        windowAt(20, 101, { revision: 1 }),
        windowAt(21, 101),
        windowAt(20, 160, { revision: 2 }),
      ])
      expect(anomalies.map(({ state, revision, value }) => [state, revision, value])).toEqual([
        ['open', 0, 150],
        ['withdrawn', 1, 150],
        ['open', 2, 160],
      ])
      expect(anomalies[1]!.message).toMatch(
        /^Withdrawn, late data or a marker have shown that all is normal: /,
      )
    })

    it('withdraws it when the window turns out to be empty', () => {
      const empty = windowAt(20, Number.NaN, { revision: 1 })
      expect(detect([...steady(20), windowAt(20, 150), empty])).toMatchObject([
        { state: 'open' },
        { state: 'withdrawn' },
      ])
    })

    it('finds one that late data have made', () => {
      const late = windowAt(20, 150, { revision: 1 })
      expect(detect([...steady(23), late])).toMatchObject([{ state: 'open', start: at(20) }])
      expect(detect([...steady(28), late])).toMatchObject([{ state: 'closed', start: at(20), end: at(21) }])
    })

    it('learns only the last word', () => {
      const wrong = Array.from({ length: 20 }, (_, i) => [windowAt(20 + i, 500), windowAt(20 + i, 101)])
      const anomalies = detect([...steady(20), ...wrong.flat(), windowAt(40, 500)])
      expect(anomalies.at(-1)).toMatchObject({ state: 'open', start: at(40), expected: 101 })
    })

    it('leaves alone what is older than may be revised', () => {
      expect(detect([...steady(80), windowAt(20, 150, { revision: 1 })])).toEqual([])
    })
  })

  describe('when a series stops', () => {
    const told = (from: number, to: number, windows: readonly Window[] = []) =>
      Array.from({ length: to - from }, (_, i) =>
        batchOf(
          windows.filter(({ start }) => start === at(from + i)),
          from + i + 1,
        ),
      )
    const run = (batches: readonly WindowBatch[], settings: Partial<DetectorConfig> = {}) => {
      const out = new RecordingOutput()
      const task = detectorTask(detectorSettings(settings))
      task.process(
        batches.map((batch, offset) => record(offset, batch)),
        out,
      )
      return out.of(topics.anomalies)
    }

    it('tells that it is missing, since when, and that it is back', () => {
      const back = steady(10, { from: 40 })
      const anomalies = run([...told(0, 20, steady(20)), ...told(20, 40), ...told(40, 50, back)])
      const states = anomalies.map(({ state }) => state)
      expect([states[0], states.at(-1)]).toEqual(['open', 'closed'])
      expect(new Set(states.slice(1, -1))).toEqual(new Set(['peak']))
      expect(anomalies[0]).toMatchObject({ kind: 'missing', start: at(20), value: 101, direction: 'none' })
      expect(anomalies[0]!.windowStart).toBeLessThanOrEqual(at(26))
      expect(anomalies[0]!.message).toMatch(/^m: nothing comes any more, mean was 101 /)
      expect(anomalies.at(-1)).toMatchObject({ start: at(20), end: at(40) })
    })

    it('does not take a lag for silence, however long nothing comes of its source', () => {
      const others = steady(40, { from: 20, metric: 'n' }).map(
        (window): WindowBatch => ({
          windows: [window],
          source: { step: 'points', partition: 1, watermark: window.start },
          marker: null,
        }),
      )
      expect(run([...told(0, 20, steady(20)), ...others])).toEqual([])
    })

    it('takes it back when its windows come late', () => {
      const late = batchOf(steady(10, { from: 20 }), 30)
      const anomalies = run([...told(0, 20, steady(20)), ...told(20, 26), late])
      expect(anomalies.map(({ state }) => state)).toEqual(['open', 'peak', 'withdrawn'])
    })

    it('leaves those alone that may come and go', () => {
      const missing = [{ metric: 'n*', where: {} }]
      expect(run([...told(0, 20, steady(20)), ...told(20, 40)], { missing })).toEqual([])
    })
  })

  describe('with bands', () => {
    const expectations = (windows: readonly Window[]) => {
      const out = new RecordingOutput()
      detectorTask(detectorSettings({ bands: true })).process(logOf(windows), out)
      return out.of(topics.expectations).flatMap((batch) => batch.expectations)
    }

    it('writes what was expected of each window, from the second on', () => {
      const written = expectations(steady(20))
      expect(written.map(({ windowStart }) => windowStart)).toEqual(
        Array.from({ length: 19 }, (_, i) => at(i + 1)),
      )
      expect(written.at(-1)).toMatchObject({
        statistic: 'mean',
        windowSizeMs: sizeMs,
        expected: 101,
        lower: 101 - 4 * 2.02,
        isCorrection: false,
      })
    })

    it('corrects those of a revised window and of all after it', () => {
      const corrected = expectations([...steady(20), windowAt(17, 150, { revision: 1 })]).slice(19)
      expect(corrected.map(({ windowStart, isCorrection }) => [windowStart, isCorrection])).toEqual([
        [at(17), true],
        [at(18), true],
        [at(19), true],
      ])
    })
  })

  it('keeps series apart, and lengths of windows that are not watched', () => {
    const other = steady(20, { metric: 'n' }).map((one) => ({ ...one, mean: one.mean * 1000 }))
    const long = { ...windowAt(20, 1e9), sizeMs: 60_000, stepMs: 60_000 }
    const sliding = { ...windowAt(20, 1e9), stepMs: 5_000 }
    expect(detect([...steady(20), ...other, long, sliding])).toEqual([])
  })

  it('forgets a series of which nothing comes, and closes what is open', () => {
    const config = detectorSettings({ forgetMs: 600_000 })
    const out = new RecordingOutput()
    const task = detectorTask(config)
    const others = steady(100, { from: 21, metric: 'n' })
    task.process(logOf([...steady(20), windowAt(20, 150), ...others]), out)
    expect(out.of(topics.anomalies)).toMatchObject([{ state: 'open' }, { state: 'closed', end: at(21) }])
    expect([...out.state.keys()]).toEqual(['10000:mean:n'])
  })

  it('counts windows whose value is no finite number, and logs the first', async () => {
    const lines: string[] = []
    const context = {
      ...taskContext(),
      log: createLogger('test', 'warn', { write: (line) => void lines.push(line) }),
    }
    const out = new RecordingOutput()
    new DetectorTask(detectorSettings(), topics, context).process(
      logOf([
        ...steady(20),
        windowAt(20, Infinity),
        { ...windowAt(21, Number.NaN), count: 1 },
        // A revision has left it without samples.
        windowAt(22, Number.NaN),
        windowAt(23, 150),
      ]),
      out,
    )
    expect(out.of(topics.anomalies)).toMatchObject([{ start: at(23), value: 150 }])
    expect(await context.metrics.expose()).toContain('detector_unusable_windows_total 2')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0]!)).toMatchObject({ offset: 20, statistic: 'mean', windowStart: at(20) })
  })

  it('refuses windows at no time that there is, and goes on', () => {
    const out = new RecordingOutput()
    const impossible = { ...windowAt(0, 1), start: 9e15 }
    detectorTask(detectorSettings()).process(
      [record(0, batchOf([impossible])), ...logOf([...steady(20), windowAt(20, 150)])],
      out,
    )
    expect(out.rejected).toMatchObject([{ offset: 0, reason: 'malformed_batch' }])
    expect(out.of(topics.anomalies)).toHaveLength(1)
  })

  it('begins anew after another detector, and refuses state that is damaged', () => {
    const out = new RecordingOutput()
    detectorTask(detectorSettings()).process(logOf(steady(40)), out)
    const [[key, bytes] = ['', new Uint8Array()]] = out.state
    const task = detectorTask(detectorSettings())
    expect(() => task.restore(key, bytes)).not.toThrow()
    expect(() => task.restore(key, bytes.subarray(0, bytes.length - 5))).toThrow(RangeError)
    expect(() => task.restore('10000:mean:n', bytes)).toThrow('it is the state of another series')
    expect(() => task.restore('n', bytes)).toThrow(RangeError)
    expect(() => task.restore(key, null)).not.toThrow()
    expect(() => detectorTask(detectorSettings(), 'no memo!')).toThrow(RangeError)
  })
})
