import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Window, WindowBatch } from '../../shared/avro/types.ts'
import {
  countPoints,
  countsPerWindow,
  Flow,
  newest,
  type Published,
  revisionKey,
  smallSteps,
} from '../support/flow.ts'
import {
  collect,
  eventually,
  type Installation,
  install,
  producerFor,
  startService,
  stopServices,
} from '../support/pipeline.ts'

/** Workers come and go while telemetry flows: partitions move, and nothing is lost or doubled. */
describe('scaling the normalizer and the aggregator', () => {
  let installation: Installation
  let published: Published
  let windows: readonly Window[]
  let exitStatus: readonly (number | null)[]

  beforeAll(async () => {
    installation = await install({
      TIDEMARK_AGGREGATOR_SIZES_MS: '1000',
      TIDEMARK_AGGREGATOR_IDLE_MS: '8000',
      ...smallSteps,
    })
    const [normalizer, aggregator] = await Promise.all([
      startService(installation, 'normalizer'),
      startService(installation, 'aggregator'),
    ])
    const producer = await producerFor(installation)
    const flow = new Flow(producer, installation, 'scale')
    await delay(2_000)
    // A second one of each joins, and then the first leaves in an orderly way.
    await Promise.all([startService(installation, 'normalizer'), startService(installation, 'aggregator')])
    await delay(3_000)
    exitStatus = await Promise.all([normalizer.stop(), aggregator.stop()])
    await delay(3_000)
    published = await flow.end()
    await producer.close()
    const topic = await collect<WindowBatch>(installation, installation.topics.windows)
    const all = () => topic.records.flatMap((batch) => batch.windows)
    await eventually(
      () => countPoints(newest(all())),
      (count) => count >= published.points,
    )
    await delay(1_000)
    await topic.close()
    windows = all()
  })
  afterAll(stopServices)

  it('moves partitions without loss or duplicate', () => {
    expect(windows.length - new Set(windows.map(revisionKey)).size).toBe(0)
    expect(countsPerWindow(windows)).toEqual(published.perWindow)
  })

  it('ends an orderly stopped worker with status 0', () => {
    expect(exitStatus).toEqual([0, 0])
  })
})
