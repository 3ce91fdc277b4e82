import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Producer } from '../../shared/kafka/producer.ts'
import { eventually, type Installation, install, producerFor, stopServices } from '../support/pipeline.ts'
import { WordCounters } from '../support/word-counter.ts'

const partitions = 8
const names = ['e', 'f', 'g', 'h']

type Worker = Awaited<ReturnType<WordCounters['start']>>

/** Says one word to each partition, ten times a second, until it is told to end; gives how often. */
function talk(producer: Producer, topic: string, word: string) {
  const stopping = new AbortController()
  const talking = (async () => {
    let times = 0
    while (!stopping.signal.aborted) {
      await producer.send(
        topic,
        Array.from({ length: partitions }, (_, partition) => ({ value: word, partition })),
      )
      times++
      await delay(100)
    }
    return times
  })()
  return {
    end: () => {
      stopping.abort()
      return talking
    },
  }
}

/** How many tasks a worker has started since it runs: each reads its state back once. */
async function tasksOf({ url }: Worker): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/^tidemark_state_restore_seconds_count (\d+)$/m.exec(text)?.[1])
}

const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0)

describe('scaling under load', () => {
  let installation: Installation
  let producer: Producer
  let counters: WordCounters
  let talking: ReturnType<typeof talk> | undefined
  const workers = new Map<string, Worker>()
  /** How many tasks these workers have started, when there are at least as many in all as expected. */
  const tasks = (expected: Readonly<Record<string, number>>) =>
    eventually(
      async () =>
        Object.fromEntries(
          await Promise.all(
            Object.keys(expected).map(async (name) => [name, await tasksOf(workers.get(name)!)] as const),
          ),
        ),
      (found) => sum(found) >= sum(expected),
      20_000,
    )
  const start = async (name: string, env: Readonly<Record<string, string>> = {}) =>
    workers.set(name, await counters.start(name, env))
  /** What each partition's count of a word went through. */
  const counted = async (word: string, times: number) => {
    const found = await counters.committed((counts) =>
      Array.from({ length: partitions }, (_, p) => counts.get(`${word}@${p}`)?.at(-1)).every(
        (last) => last === String(times),
      ),
    )
    return Array.from({ length: partitions }, (_, p) => found.get(`${word}@${p}`))
  }
  const exactly = (times: number) =>
    Array.from({ length: partitions }, () => Array.from({ length: times }, (_, i) => String(i + 1)))

  beforeAll(async () => {
    installation = await install({ TIDEMARK_WORKER_COMMIT_INTERVAL_MS: '50' })
    producer = await producerFor(installation)
    counters = await WordCounters.install(installation, partitions)
  })
  afterEach(async () => {
    await talking?.end()
  })
  afterAll(async () => {
    await producer.close()
    await stopServices()
  })

  it('moves only what must move as workers come and go, and counts each record once', async () => {
    await start('a')
    talking = talk(producer, counters.words, 'grow')
    await start('b')
    expect(await tasks({ a: 8, b: 4 })).toEqual({ a: 8, b: 4 })
    await Promise.all([start('c'), start('d')])
    expect(await tasks({ a: 8, b: 4, c: 2, d: 2 })).toEqual({ a: 8, b: 4, c: 2, d: 2 })
    // One leaves, and its two partitions are taken over by others.
    await workers.get('a')!.stop()
    expect(sum(await tasks({ b: 5, c: 3, d: 2 }))).toBe(10)
    const times = await talking.end()
    expect(await counted('grow', times)).toEqual(exactly(times))
    await Promise.all(['b', 'c', 'd'].map((name) => workers.get(name)!.stop()))
  })

  it('moves nothing in a rolling restart of workers with names', async () => {
    const named = (name: string) =>
      start(name, { TIDEMARK_WORKER_INSTANCE_ID: name, TIDEMARK_WORKER_SESSION_TIMEOUT_MS: '30000' })
    await Promise.all(names.map(named))
    talking = talk(producer, counters.words, 'roll')
    for (const name of names) {
      expect(await workers.get(name)!.stop()).toBe(0)
      await named(name)
    }
    // Each has started the tasks that it had before, and none since.
    expect(await tasks({ e: 2, f: 2, g: 2, h: 2 })).toEqual({ e: 2, f: 2, g: 2, h: 2 })
    const times = await talking.end()
    expect(await counted('roll', times)).toEqual(exactly(times))
  })

  it('ends a worker whose name another one has taken', async () => {
    await start('twin', { TIDEMARK_WORKER_INSTANCE_ID: 'e' })
    const replaced = workers.get('e')!
    expect(await replaced.ended).toBe(2)
    expect(readFileSync(replaced.logFile, 'utf8')).toContain(
      'give each worker a worker.instanceId of its own',
    )
  })
})
