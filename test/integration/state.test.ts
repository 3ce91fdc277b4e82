import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Producer } from '../../shared/kafka/producer.ts'
import { eventually, type Installation, install, producerFor, stopServices } from '../support/pipeline.ts'
import { WordCounters } from '../support/word-counter.ts'

/** Numbers from 1 on, as text: what a count must go through. */
const upTo = (last: number) => Array.from({ length: last }, (_, i) => String(i + 1))

const logged = (logFile: string) =>
  readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)

describe('long state', () => {
  let installation: Installation
  let producer: Producer
  let counters: WordCounters
  const say = (word: string, times: number, partition = 0) =>
    producer.send(
      counters.words,
      Array.from({ length: times }, () => ({ value: word, partition })),
    )
  const countsOf = (word: string, last: number) =>
    counters.committed((counts) => counts.get(word)?.at(-1) === String(last))

  beforeAll(async () => {
    installation = await install({ TIDEMARK_WORKER_COMMIT_INTERVAL_MS: '50' })
    producer = await producerFor(installation)
    counters = await WordCounters.install(installation, 2)
  })
  afterAll(async () => {
    await producer.close()
    await stopServices()
  })

  it('goes on with what was committed when its worker was killed, also without some of it', async () => {
    const first = await counters.start('killed')
    await say('tide', 300)
    await say('mark', 200, 1)
    await countsOf('tide@0', 300)
    await first.kill()
    await say('tide', 5)
    // Someone writes into the state by hand.
    await producer.send(counters.counts, [{ key: 'mark', value: 'many', partition: 1 }])
    const second = await counters.start('restarted')
    await say('tide', 5)
    await say('mark', 3, 1)
    const counts = await counters.committed(
      (found) => found.get('tide@0')?.at(-1) === '310' && found.get('mark@1')?.at(-1) === '3',
    )
    expect(counts.get('tide@0')).toEqual(upTo(310))
    expect(counts.get('mark@1')).toEqual([...upTo(200), 'many', ...upTo(3)])
    const damaged = logged(second.logFile).filter(({ msg }) => String(msg).includes('damaged state'))
    expect(damaged).toMatchObject([
      {
        topic: counters.counts,
        partition: 1,
        key: 'mark',
        msg: expect.stringContaining('"many" is no count'),
      },
    ])
    expect(await (await fetch(`${second.url}/metrics`)).text()).toContain(
      `tidemark_state_damaged_total{topic="${counters.counts}"} 1`,
    )
    expect(await second.stop()).toBe(0)
  })

  it('takes up partitions that are added while it runs', async () => {
    const worker = await counters.start('growing', { TIDEMARK_KAFKA_METADATA_MAX_AGE_MS: '1000' })
    await counters.grow(3)
    await say('new', 10, 2)
    const counts = await countsOf('new@2', 10)
    expect(counts.get('new@2')).toEqual(upTo(10))
    const warned = logged(worker.logFile).filter(({ level }) => level === 'warn')
    // Which of the two the worker hears of first is the broker's affair.
    expect(new Map(warned.map(({ topic, before, now }) => [topic, { before, now }]))).toEqual(
      new Map([
        [counters.words, { before: 2, now: 3 }],
        [counters.counts, { before: 2, now: 3 }],
      ]),
    )
    expect(await worker.stop()).toBe(0)
  })

  it('ends with a sentence when the state has not as many partitions as the input', async () => {
    await counters.grow(4, [counters.words])
    const worker = await counters.start('unequal', {}, { ready: false }).catch((error: Error) => error)
    const text = await eventually(
      () => (worker instanceof Error ? worker.message : readFileSync(worker.logFile, 'utf8')),
      (log) => log.includes('give both the same number'),
      10_000,
    )
    expect(text).toContain(`${counters.words} has 4 partitions and ${counters.counts}, which keeps the state`)
  })
})
