import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pointsOf } from '../support/normalize.ts'
import { startService } from '../support/pipeline.ts'
import { RawPartition } from '../support/raw-partition.ts'
import { readTopic } from '../support/read-topic.ts'

describe('what agents deliver again', () => {
  let raw: RawPartition
  const start = () => startService(raw.installation, 'normalizer')
  const values = async () =>
    (await readTopic(raw.installation, raw.installation.topics.points))
      .flatMap(pointsOf)
      .map(([, , value]) => value)
      .sort((a, b) => a! - b!)

  beforeAll(async () => {
    raw = await RawPartition.install('rawMetrics', { TIDEMARK_NORMALIZER_DUPLICATES_OF: 'points' })
  })
  afterAll(() => raw.close())

  it('counts once, though the normalizer was killed in between, and then stopped', async () => {
    const at = `${Date.now() - 5_000}000000`
    const first = await start()
    await raw.send([`m value=1 ${at}`, `m value=2 ${at}`])
    expect((await raw.committedUpTo(2))?.offset).toBe(0)
    await first.kill()
    // The same in one record, with news.
    await raw.send([`m value=1 ${at}\nm value=2 ${at}\nm value=3 ${at}`])
    const second = await start()
    await raw.committedUpTo(3)
    await second.stop()
    await raw.send([`m value=3 ${at}\nm value=4 ${at}`])
    await start()
    await raw.committedUpTo(4)
    expect(await values()).toEqual([1, 2, 3, 4])
  })
})
