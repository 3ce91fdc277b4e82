import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import type { Producer } from '../../shared/kafka/producer.ts'
import { decodeCommitMetadata } from '../../shared/stream/commit-metadata.ts'
import { pointsOf } from '../support/normalize.ts'
import {
  eventually,
  type Installation,
  install,
  producerFor,
  silent,
  startService,
  stopServices,
} from '../support/pipeline.ts'
import { readTopic } from '../support/read-topic.ts'

describe('what agents deliver again', () => {
  let installation: Installation
  let producer: Producer
  let admin: KafkaAdmin
  let sent = 0
  const send = async (...values: readonly string[]) => {
    await producer.send(
      installation.rawMetrics,
      values.map((value) => ({ value, key: 'agent', partition: 0 })),
    )
    sent += values.length
  }
  const committed = () => admin.committed(`${installation.name}-normalizer`, installation.rawMetrics, 0)
  const allRead = () =>
    eventually(committed, (found) => decodeCommitMetadata(found?.metadata ?? '')?.emitted === sent)
  const values = async () =>
    (await readTopic(installation, installation.topics.points))
      .flatMap(pointsOf)
      .map(([, , value]) => value)
      .sort((a, b) => a! - b!)

  beforeAll(async () => {
    installation = await install({
      TIDEMARK_WORKER_COMMIT_INTERVAL_MS: '50',
      TIDEMARK_NORMALIZER_DUPLICATES_OF: 'points',
    })
    producer = await producerFor(installation)
    admin = await KafkaAdmin.open(installation.config.kafka, silent)
  })
  afterAll(async () => {
    await admin.close()
    await producer.close()
    await stopServices()
  })

  it('counts once, though the normalizer was killed in between, and then stopped', async () => {
    const at = `${Date.now() - 5_000}000000`
    const first = await startService(installation, 'normalizer')
    await send(`m value=1 ${at}`, `m value=2 ${at}`)
    expect((await allRead())?.offset).toBe(0)
    await first.kill()
    // The same in one record, with news.
    await send(`m value=1 ${at}\nm value=2 ${at}\nm value=3 ${at}`)
    const second = await startService(installation, 'normalizer')
    await allRead()
    await second.stop()
    await send(`m value=3 ${at}\nm value=4 ${at}`)
    await startService(installation, 'normalizer')
    await allRead()
    expect(await values()).toEqual([1, 2, 3, 4])
  })
})
