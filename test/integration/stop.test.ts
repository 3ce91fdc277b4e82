import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Producer } from '../../shared/kafka/producer.ts'
import { startStack } from '../../stack/index.ts'
import { silentProgress } from '../../stack/progress.ts'
import { eventually, type Installation, install, producerFor, stopServices } from '../support/pipeline.ts'
import { WordCounters } from '../support/word-counter.ts'

const reasons = async (url: string) => await (await fetch(`${url}/ready`)).text()

/** Asks for an orderly end; gives the exit status, and how long it took. */
async function stopped(worker: { stop(): Promise<number | null> }) {
  const began = performance.now()
  const status = await worker.stop()
  return { status, seconds: (performance.now() - began) / 1000 }
}

describe('an orderly end', () => {
  let installation: Installation
  let producer: Producer
  let counters: WordCounters
  const say = (word: string, partition: number) => producer.send(counters.words, [{ value: word, partition }])

  beforeAll(async () => {
    // Nothing is committed before the end unless the end does it.
    installation = await install({ TIDEMARK_WORKER_COMMIT_INTERVAL_MS: '10000' })
    producer = await producerFor(installation)
    counters = await WordCounters.install(installation, 3)
  })
  afterAll(async () => {
    await producer.close()
    await stopServices()
  })

  it('commits what is done although the group is rebalancing, and leaves the group', async () => {
    const worker = await counters.start('leaving', { TIDEMARK_WORKER_SESSION_TIMEOUT_MS: '60000' })
    await say('tide', 0)
    await eventually(
      async () => await (await fetch(`${worker.url}/metrics`)).text(),
      (text) => text.includes(`tidemark_records_in_total{topic="${counters.words}"} 1`),
    )
    const joining = counters.start('joining', { TIDEMARK_WORKER_SESSION_TIMEOUT_MS: '60000' })
    const { status, seconds } = await stopped(worker)
    expect(status).toBe(0)
    expect(seconds).toBeLessThan(5)
    const other = await joining
    const counts = await counters.committed((found) => found.has('tide@0'))
    expect(counts.get('tide@0')).toEqual(['1'])
    // The one that left is not waited for.
    await say('mark', 1)
    await eventually(
      async () => await (await fetch(`${other.url}/metrics`)).text(),
      (text) => text.includes(`tidemark_records_in_total{topic="${counters.words}"} 1`),
      20_000,
    )
    expect((await stopped(other)).status).toBe(0)
    expect((await counters.committed((found) => found.has('mark@1'))).get('mark@1')).toEqual(['1'])
  })

  it('does not wait for a store that is away, nor for a task that hangs', async () => {
    const worker = await counters.start('stuck')
    await say('store', 0)
    await eventually(
      () => reasons(worker.url),
      (text) => text.includes("the store can't be used"),
    )
    // Its lag grows on meanwhile, and is told to who asks.
    await say('tide', 0)
    const lag = await eventually(
      async () => await (await fetch(`${worker.url}/metrics`)).text(),
      (text) => text.includes(`tidemark_lag_records{topic="${counters.words}",partition="0"} 2`),
    )
    expect(lag).toContain(`tidemark_lag_records{topic="${counters.words}",partition="0"} 2`)
    expect(lag).not.toContain(`tidemark_lag_seconds{topic="${counters.words}",partition="0"} 0\n`)
    await say('hang', 1)
    const { status, seconds } = await stopped(worker)
    expect(status).toBe(0)
    expect(seconds).toBeLessThan(5)
  })

  it.skipIf(process.env.TIDEMARK_STACK === 'docker')(
    'does not wait for Kafka when that is away',
    async () => {
      const directory = await mkdtemp(join(tmpdir(), 'tidemark-stop-'))
      const stack = await startStack({ directory, progress: silentProgress, servers: ['kafka'] })
      try {
        const own = await install({ TIDEMARK_KAFKA_BROKERS: stack.addresses.kafka.brokers.join() })
        const worker = await (await WordCounters.install(own, 3)).start('orphan')
        await stack.servers.get('kafka')!.stop('SIGKILL')
        await eventually(
          () => reasons(worker.url),
          (text) => text.includes('"ready":false'),
        )
        const { status, seconds } = await stopped(worker)
        expect(status).toBe(0)
        expect(seconds).toBeLessThan(5)
      } finally {
        await stack.stop()
        await rm(directory, { recursive: true, force: true })
      }
    },
  )
})
