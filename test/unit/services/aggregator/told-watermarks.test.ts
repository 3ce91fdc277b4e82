import { describe, expect, it } from 'vitest'
import { WindowEmitter } from '../../../../services/aggregator/windows/emitter.ts'
import { batchOf, begin, feed, pointsTask, second, seriesOf, settings } from '../../../support/aggregator.ts'
import { RecordingOutput } from '../../../support/recording-output.ts'
import { record, topics } from '../../../support/task-context.ts'

const point = (at: number) => batchOf([{ series: seriesOf('m'), at, value: 1 }])

/** What is said of the watermark, in seconds after the beginning, beside how many windows. */
function told(out: RecordingOutput) {
  return out.of(topics.windows).map(({ windows, source }) => ({
    windows: windows.length,
    watermark: source!.watermark === null ? null : (source!.watermark - begin) / second,
  }))
}

describe('a reader of windows', () => {
  it('is told the watermark with windows that have ended, and at ends at which there were none', () => {
    const out = new RecordingOutput()
    const log = [5, 6, 13, 14, 36, 47].map((at, offset) => record(offset, point(at)))
    feed(pointsTask(settings()), log, out)
    expect(told(out)).toEqual([
      { windows: 1, watermark: 11 },
      { windows: 1, watermark: 34 },
      { windows: 1, watermark: 45 },
    ])
    expect(out.of(topics.windows)[0]!.source).toMatchObject({ step: 'points', partition: 0 })
    const silent = new RecordingOutput()
    const marks = [13, 14, 25, 48].map((at, i) =>
      record(2 + i, { ...batchOf([]), sourceIsIdle: false, sourceTime: begin + at * second }),
    )
    feed(pointsTask(settings()), [record(0, point(5)), record(1, point(6)), ...marks], silent)
    expect(told(silent)).toEqual([
      { windows: 1, watermark: 11 },
      { windows: 0, watermark: 23 },
      { windows: 0, watermark: 46 },
    ])
  })

  it.each([
    { partitions: 4, of: 4, from: 3, reached: [3] },
    { partitions: 4, of: 2, from: 1, reached: [1, 3] },
    { partitions: 2, of: 4, from: 3, reached: [1] },
    { partitions: 3, of: 2, from: 1, reached: [0, 1, 2] },
  ])('is told by those whose series it can have: $partitions partitions, source $from of $of', (one) => {
    const out = new RecordingOutput()
    const source = { step: 'points', partition: one.from, partitions: one.of } as const
    new WindowEmitter({ topic: topics.windows, partitions: one.partitions, source }).flush(begin, true, out)
    expect(out.sent.map(({ partition }) => partition)).toEqual(one.reached)
  })
})
