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

/** How many tasks a worker has started so far. */
const tasksOf = ({ logFile }: Worker) => readFileSync(logFile, 'utf8').split('"task started"').length - 1

describe('scaling under load', () => {
  let installation: Installation
  let producer: Producer
  let counters: WordCounters
  let talking: ReturnType<typeof talk> | undefined
  const workers = new Map<string, Worker>()
  const tasks = () => [...workers.values()].reduce((sum, worker) => sum + tasksOf(worker), 0)
  /** How many tasks are started by what is done, when at least `expected` are waited for. */
  const started = async (expected: number, act: () => Promise<unknown>) => {
    const before = tasks()
    await act()
    return eventually(
      () => tasks() - before,
      (count) => count >= expected,
      20_000,
    )
  }
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
    expect(await started(4, () => start('b'))).toBe(4)
    expect(await started(4, () => Promise.all([start('c'), start('d')]))).toBe(4)
    // One leaves, and its two partitions are taken over by others.
    expect(await started(2, () => workers.get('a')!.stop())).toBe(2)
    const times = await talking.end()
    expect(await counted('grow', times)).toEqual(exactly(times))
    await Promise.all(['b', 'c', 'd'].map((name) => workers.get(name)!.stop()))
  })

  it('moves nothing in a rolling restart of workers with names', async () => {
    const named = (name: string) =>
      start(name, { TIDEMARK_WORKER_INSTANCE_ID: name, TIDEMARK_WORKER_SESSION_TIMEOUT_MS: '30000' })
    await Promise.all(names.map(named))
    talking = talk(producer, counters.words, 'roll')
    const restarted = await started(partitions, async () => {
      for (const name of names) {
        expect(await workers.get(name)!.stop()).toBe(0)
        await named(name)
      }
    })
    // Each partition's task once, on the worker that had it.
    expect(restarted).toBe(partitions)
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
