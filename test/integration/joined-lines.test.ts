import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import type { Producer } from '../../shared/kafka/producer.ts'
import { decodeCommitMetadata } from '../../shared/stream/commit-metadata.ts'
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

describe('a stack trace of which the normalizer sees half', () => {
  let installation: Installation
  let producer: Producer
  let admin: KafkaAdmin
  const send = (...lines: readonly string[]) =>
    producer.send(
      installation.rawLogs,
      lines.map((value) => ({ value, key: 'app', partition: 0, headers: { 'content-type': 'text/plain' } })),
    )
  const committedUpTo = (offset: number) =>
    eventually(
      () => admin.committed(`${installation.name}-normalizer`, installation.rawLogs, 0),
      (found) => (decodeCommitMetadata(found?.metadata ?? '')?.emitted ?? 0) >= offset,
    )
  const messages = async () =>
    (await readTopic(installation, installation.topics.logs)).flatMap(({ logs }) =>
      logs.map(({ message }) => message),
    )

  beforeAll(async () => {
    installation = await install({
      TIDEMARK_WORKER_COMMIT_INTERVAL_MS: '50',
      TIDEMARK_NORMALIZER_JOIN_LINES_MS: '5000',
    })
    producer = await producerFor(installation)
    admin = await KafkaAdmin.open(installation.config.kafka, silent)
  })
  afterAll(async () => {
    await admin.close()
    await producer.close()
    await stopServices()
  })

  it('is one event, once, though it was killed in between; and the last event does not wait for ever', async () => {
    const first = await startService(installation, 'normalizer')
    await send('INFO started', 'ERROR it broke', '\tat Ship.sink(Ship.java:7)')
    const half = await committedUpTo(3)
    expect([half?.offset, decodeCommitMetadata(half!.metadata)?.memo]).toEqual([1, '1.0'])
    await first.kill()
    await send('\tat Ship.sail(Ship.java:1)', 'INFO next')
    await startService(installation, 'normalizer')
    expect(await eventually(messages, (found) => found.length >= 3)).toEqual([
      'started',
      'it broke\n\tat Ship.sink(Ship.java:7)\n\tat Ship.sail(Ship.java:1)',
      'next',
    ])
    const end = await eventually(
      () => admin.committed(`${installation.name}-normalizer`, installation.rawLogs, 0),
      (found) => found?.offset === 5,
    )
    expect(decodeCommitMetadata(end!.metadata)).toEqual({ emitted: 5, memo: '' })
  })
})
