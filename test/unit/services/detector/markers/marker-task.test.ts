import { describe, expect, it } from 'vitest'
import { MarkerTask } from '../../../../../services/detector/markers/marker-task.ts'
import { seriesKey, seriesPartition } from '../../../../../shared/series/series.ts'
import { anyAnomaly } from '../../../../support/any-anomaly.ts'
import { deployAt, maintenanceOf, markerBatch, removed, verdictOn } from '../../../../support/markers.ts'
import { RecordingOutput } from '../../../../support/recording-output.ts'
import { record, taskContext, topics } from '../../../../support/task-context.ts'

const partitions = 3

function spread(...markers: readonly Parameters<typeof markerBatch>[0][]) {
  const out = new RecordingOutput()
  new MarkerTask(topics, taskContext({ partitions })).process(
    markers.map((marker, offset) => record(offset, marker)),
    out,
  )
  return out
}

describe('MarkerTask', () => {
  it.each([
    ['a deploy', deployAt(1)],
    ['a maintenance', maintenanceOf(1, 2)],
    ['a removal', removed(deployAt(1))],
  ])('tells %s in every partition of the windows', (_, marker) => {
    const out = spread(marker)
    for (let partition = 0; partition < partitions; partition++)
      expect(out.sentTo(topics.windows, partition)).toEqual([markerBatch(marker)])
    expect(out.sent).toHaveLength(partitions)
  })

  it('tells what was said of an anomaly only where its series is', () => {
    const anomaly = anyAnomaly({ metric: 'cpu.load', tags: [{ key: 'host', value: 'a' }] })
    const partition = seriesPartition(seriesKey(anomaly.series), partitions)
    const out = spread(verdictOn(anomaly, 'real'))
    expect(out.sent).toHaveLength(1)
    expect(out.sentTo(topics.windows, partition)).toHaveLength(1)
  })

  it('refuses what can’t be, with the reason, and goes on', () => {
    const out = spread({ ...deployAt(1), id: '' }, deployAt(2))
    expect(out.rejected).toMatchObject([
      { offset: 0, reason: 'malformed_marker', detail: 'its id has 0 characters, not 1 to 200' },
    ])
    expect(out.of(topics.windows)).toHaveLength(partitions)
  })
})
