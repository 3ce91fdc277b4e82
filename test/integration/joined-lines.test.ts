import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, startService } from '../support/pipeline.ts'
import { RawPartition } from '../support/raw-partition.ts'
import { readTopic } from '../support/read-topic.ts'

describe('a stack trace of which the normalizer sees half', () => {
  let raw: RawPartition
  const start = () => startService(raw.installation, 'normalizer')
  const send = (...lines: readonly string[]) => raw.send(lines, { 'content-type': 'text/plain' })
  const messages = async () =>
    (await readTopic(raw.installation, raw.installation.topics.logs)).flatMap(({ logs }) =>
      logs.map(({ message }) => message),
    )

  beforeAll(async () => {
    raw = await RawPartition.install('rawLogs', { TIDEMARK_NORMALIZER_JOIN_LINES_MS: '5000' })
  })
  afterAll(() => raw.close())

  it('is one event, once, though it was killed in between; and the last event does not wait for ever', async () => {
    const first = await start()
    await send('INFO started', 'ERROR it broke', '\tat Ship.sink(Ship.java:7)')
    expect(await raw.committedUpTo(3)).toEqual({ offset: 1, emitted: 3, memo: '1.0' })
    await first.kill()
    await send('\tat Ship.sail(Ship.java:1)', 'INFO next')
    await start()
    expect(await eventually(messages, (found) => found.length >= 3)).toEqual([
      'started',
      'it broke\n\tat Ship.sink(Ship.java:7)\n\tat Ship.sail(Ship.java:1)',
      'next',
    ])
    const end = await eventually(
      () => raw.committed(),
      (found) => found?.offset === 5,
    )
    expect(end).toEqual({ offset: 5, emitted: 5, memo: '' })
  })
})
