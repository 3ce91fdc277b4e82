import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Window, WindowBatch } from '../../shared/avro/types.ts'
import { type Stack, startStack } from '../../stack/index.ts'
import { silentProgress } from '../../stack/progress.ts'
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

/** A broker of its own, so that the other tests keep theirs. */
describe.skipIf(process.env.TIDEMARK_STACK === 'docker')('a broker that is killed and comes back', () => {
  let directory: string
  let stack: Stack
  let installation: Installation
  let published: Published
  let windows: readonly Window[]

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tidemark-broker-'))
    stack = await startStack({ directory, progress: silentProgress, servers: ['kafka'] })
    installation = await install({
      TIDEMARK_KAFKA_BROKERS: stack.addresses.kafka.brokers.join(),
      TIDEMARK_AGGREGATOR_SIZES_MS: '1000',
      TIDEMARK_AGGREGATOR_IDLE_MS: '8000',
      ...smallSteps,
      TIDEMARK_WORKER_MAX_RETRY_BACKOFF_MS: '1000',
    })
    await Promise.all([startService(installation, 'normalizer'), startService(installation, 'aggregator')])
    const before = await producerFor(installation)
    const flow = new Flow(before, installation, 'broker')
    await delay(3_000)
    const first = await flow.end()
    await before.close()

    const kafka = stack.servers.get('kafka')!
    await kafka.stop('SIGKILL')
    await delay(2_000)
    await kafka.start()

    const after = await producerFor(installation)
    const rest = new Flow(after, installation, 'broker')
    await delay(3_000)
    const second = await rest.end()
    await after.close()
    published = {
      points: first.points + second.points,
      logs: 0,
      perWindow: { ...first.perWindow, ...second.perWindow },
    }
    const topic = await collect<WindowBatch>(installation, installation.topics.windows)
    const all = () => topic.records.flatMap((batch) => batch.windows)
    await eventually(
      () => countPoints(newest(all())),
      (count) => count >= published.points,
      90_000,
    )
    await delay(1_000)
    await topic.close()
    windows = all()
  }, 240_000)
  afterAll(async () => {
    await stopServices()
    await stack.stop()
    await rm(directory, { recursive: true, force: true })
  })

  it('leaves each window and revision exactly once', () => {
    expect(windows.length - new Set(windows.map(revisionKey)).size).toBe(0)
    expect(countsPerWindow(windows)).toEqual(published.perWindow)
  })
})
