import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { run } from '../../stack/command.ts'
import { debianEnvironment, withoutDebian } from './support/agent.ts'
import { agentsDirectory, examples } from './support/directory.ts'
import { type Received, receive } from './support/received.ts'

describe.skipIf(withoutDebian())('kcat', () => {
  let received: Received
  const time = Date.now() - 5_000
  const line = (level: string, message: string) =>
    `time=${new Date(time).toISOString()} level=${level} service=shop-kcat msg="${message}" order=7\n`

  beforeAll(async () => {
    received = await receive()
    const file = join(agentsDirectory, 'sent.log')
    writeFileSync(file, line('warn', 'the stock is low') + line('error', 'the stock is empty'))
    await run(join(examples, 'kcat/send.sh'), [file], {
      env: {
        ...process.env,
        ...debianEnvironment(),
        KAFKA_BROKER: inject('environment').TIDEMARK_KAFKA_BROKERS,
      },
    })
  })
  afterAll(() => received.close())

  it('sends each line of a file', async () => {
    const events = await received.until(
      () => received.logs.filter(({ service }) => service === 'shop-kcat'),
      2,
    )
    expect(events.toSorted((a, b) => a.message.localeCompare(b.message))).toMatchObject([
      { time, level: 'error', message: 'the stock is empty', attributes: { order: '7' } },
      { time, level: 'warn', message: 'the stock is low', attributes: { order: '7' } },
    ])
  })

  it('sends nothing that is refused', async () => {
    expect(await received.refused()).toEqual([])
  })
})
