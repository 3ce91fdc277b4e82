import { describe, expect, it } from 'vitest'
import type { Exemplar, SeriesKind } from '../../../../shared/avro/types.ts'
import {
  batchOf,
  begin,
  feed,
  histogramOf,
  type Point,
  pointsTask,
  restart,
  run,
  second,
  seriesOf,
  settings,
  windowsOf,
  written,
} from '../../../support/aggregator.ts'
import { runBothSteps } from '../../../support/both-steps.ts'
import { RecordingOutput } from '../../../support/recording-output.ts'
import { record, topics } from '../../../support/task-context.ts'

const traced = (traceId: string, value: number): Exemplar => ({ traceId, spanId: 's', value, time: begin })

const at = (
  seconds: number,
  exemplar?: Exemplar,
  { value = 1 as Point['value'], host = 'a', kind = 'distribution' as SeriesKind } = {},
): Point => ({ series: seriesOf('m', { host }, kind), at: seconds, value, ...(exemplar && { exemplar }) })

const config = settings({ sizesMs: [10 * second, 60 * second], latenessMs: 20 * second })

/** By start and size in seconds, the last revision. */
const tracesIn = (windows: ReturnType<typeof windowsOf>) =>
  Object.fromEntries(
    windows.map(({ start, sizeMs, revision, exemplar }) => [
      `${(start - begin) / second}+${sizeMs / second}`,
      `${exemplar?.traceId ?? 'none'} ${revision}`,
    ]),
  )

describe('a window', () => {
  it('keeps the highest exemplar of its points, and a longer one that of all of them', () => {
    const log = written(
      [at(1, traced('low', 1)), at(2, traced('high', 9)), at(3, traced('middle', 5))],
      [at(11, traced('next', 3)), at(25)],
      [at(100)],
    )
    expect(tracesIn(run(config, log).windows)).toEqual({
      '0+10': 'high 0',
      '10+10': 'next 0',
      '20+10': 'none 0',
      '0+60': 'high 0',
    })
  })

  it('is told again with the exemplar of a late point', () => {
    const log = written([at(1, traced('prompt', 1))], [at(13)], [at(2, traced('late', 2))])
    expect(run(config, log).windows.map(({ exemplar, revision }) => [exemplar?.traceId, revision])).toEqual([
      ['prompt', 0],
      ['late', 1],
    ])
  })

  it('of a cumulative histogram keeps it, though its samples are computed anew', () => {
    const counting = { kind: 'counter' as const }
    const histogram = (count: number) => histogramOf({ counts: [count, 0, 0, 0], sum: count })
    const log = written(
      [
        at(1, undefined, { ...counting, value: histogram(1) }),
        at(9, traced('kept', 1), { ...counting, value: histogram(4) }),
      ],
      [at(13, undefined, { ...counting, value: histogram(5) })],
      [at(5, undefined, { ...counting, value: histogram(2) })],
    )
    const windows = run(config, log).windows.filter(({ start }) => start === begin)
    expect(windows.map(({ count, exemplar }) => [count, exemplar?.traceId])).toEqual([
      [3, 'kept'],
      [3, 'kept'],
    ])
  })

  it('of a roll-up has the highest of all hosts', () => {
    const rolled = settings({ rollUps: [{ metric: 'm', by: [] }] })
    const points = ['a', 'b', 'c'].map((host, i) => at(1, traced(host, i % 2), { host }))
    const steps = runBothSteps([{ source: 0, points, timestamp: begin + 10 * second }], rolled, 3)
    expect(steps.second.flatMap(windowsOf).map(({ exemplar }) => exemplar?.traceId)).toEqual(['b'])
  })

  it('of a minute has it still after a restart', () => {
    const out = new RecordingOutput()
    const past = written([at(1, traced('before', 1))], [at(45)], [at(50)])
    const short = { ...config, latenessMs: 0, stateIntervalMs: 10 * second }
    const task = pointsTask(short)
    feed(task, past, out)
    const next = restart(task, past, out, (memo) => pointsTask(short, memo))!
    feed(next, written([], [], [], [at(100)]).slice(3), out)
    expect(tracesIn(windowsOf(out))['0+60']).toBe('before 0')
  })
})

describe('an exemplar', () => {
  it('opens no window, so that one whose point was late goes nowhere', () => {
    const log = written([at(1)], [at(50)], [at(2, traced('late', 2)), at(51)])
    const { out, windows } = run(config, log)
    expect(windows.every(({ exemplar }) => exemplar === null)).toBe(true)
    expect(out.of(topics.late)).toMatchObject([{ times: [begin + 2 * second], exemplars: [] }])
  })

  it.each([
    ['of a series that is not there', { seriesIndex: 7 }],
    ['without a trace', { exemplar: { ...traced('t', 1), traceId: '' } }],
    ['that is not finite', { exemplar: traced('t', Number.NaN) }],
  ])('%s, which only a foreign program writes, makes a refusal', (_, flaw) => {
    const batch = batchOf([at(1, traced('t', 1))])
    const flawed = { ...batch, exemplars: batch.exemplars.map((one) => ({ ...one, ...flaw })) }
    expect(run(config, [record(0, flawed)]).out.rejected).toMatchObject([{ reason: 'malformed_batch' }])
  })
})
