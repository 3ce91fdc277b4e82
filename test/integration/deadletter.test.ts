import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeadLetter, PointBatch } from '../../shared/avro/types.ts'
import type { Tail } from '../../shared/stream/tail.ts'
import { runCommand } from '../support/command.ts'
import {
  collect,
  eventually,
  type Installation,
  install,
  producerFor,
  startService,
  stopServices,
} from '../support/pipeline.ts'

const strictness = { TIDEMARK_NORMALIZER_MAX_NAME_BYTES: '16' }
const hostile = 'no metric \x1b]0;owned\x07 at all'

/** A person finds out what a too strict normalizer has refused, mends it, and sends it again. */
describe('tidemark deadletter', () => {
  let installation: Installation
  let letters: { readonly records: DeadLetter[] } & Tail
  let points: { readonly records: PointBatch[] } & Tail
  const deadletter = (...args: string[]) => runCommand(installation, ['deadletter', ...args])

  beforeAll(async () => {
    installation = await install()
    letters = await collect<DeadLetter>(installation, installation.topics.deadletter)
    points = await collect<PointBatch>(installation, installation.topics.points)
  })
  afterAll(async () => {
    await Promise.all([letters.close(), points.close()])
    await stopServices()
  })

  it('says when there is nothing', async () => {
    expect(await deadletter('list')).toEqual({
      status: 0,
      stdout: `There are no dead letters in ${installation.topics.deadletter.name}.\n`,
      stderr: '',
    })
  })

  it('lists, shows, and sends again what was refused, once', async () => {
    const strict = await startService(
      { ...installation, env: { ...installation.env, ...strictness } },
      'normalizer',
    )
    const producer = await producerFor(installation)
    const long = (value: number) => `a_name_of_more_than_16_bytes v=${value} ${Date.now()}000000`
    await producer.send(installation.rawMetrics, [
      { key: 'k', value: long(1), headers: { host: 'agent-7' } },
      { key: 'k', value: long(2), headers: { host: 'agent-7' } },
      { key: 'k', value: hostile },
    ])
    await producer.close()
    await eventually(
      () => letters.records.length,
      (count) => count === 3,
    )
    await strict.stop()
    const [first, , garbage] = letters.records as [DeadLetter, DeadLetter, DeadLetter]

    const listed = await deadletter('list', '--json')
    const { count, groups } = JSON.parse(listed.stdout)
    expect(count).toBe(3)
    expect(groups).toMatchObject([
      {
        reason: first.reason,
        stage: 'normalizer',
        topic: installation.rawMetrics,
        producer: 'agent-7',
        count: 2,
      },
      { reason: garbage.reason, producer: null, count: 1, example: { detail: garbage.detail } },
    ])
    const chosen = await deadletter('list', '--reason', garbage.reason, '--since', '2026-01-01')
    expect(chosen.stdout).toContain('1 dead letters')

    const position: string = groups[1].example.position
    const shown = await deadletter('show', position)
    expect(shown.stdout).toContain('no metric \\x1b]0;owned\\x07 at all')
    expect(shown.stdout).toContain(`reason       ${garbage.reason}`)
    const source = `${garbage.topic}-${garbage.partition}-${garbage.offset}`
    expect(await deadletter('show', source)).toEqual(shown)
    expect((await deadletter('show', source, '--raw')).stdout).toBe(hostile)

    await startService(installation, 'normalizer')
    const dry = await deadletter('retry', '--reason', first.reason, '--dry-run')
    expect(dry.stdout).toContain('Would re-drive 2 dead letters.')
    const former = ['replay', '--deadletters', '--from', '2026-01-01', '--reason', first.reason, '--dry-run']
    expect((await runCommand(installation, former)).stdout).toBe(dry.stdout)
    const one = await deadletter('retry', `${first.topic}-${first.partition}-${first.offset}`)
    expect(one.stdout).toContain('Re-driven: 1 dead letters.')
    const rest = await deadletter('retry', '--reason', first.reason)
    expect(rest.stdout).toContain('Re-driven: 1 dead letters.')
    expect(rest.stdout).toContain('Left: 1 were re-driven before')
    const again = await deadletter('retry', '--reason', first.reason)
    expect(again.stdout).toContain('Re-driven: 0 dead letters.')
    // What can't be mended comes back, and after it nothing else is on its way.
    await deadletter('retry', position)
    await eventually(
      () => letters.records.length,
      (count) => count === 4,
    )
    expect(points.records.flatMap(({ values }) => [...values]).sort()).toEqual([1, 2])
  })

  it('refuses with one sentence', async () => {
    const { name } = installation.topics.deadletter
    const absent = await deadletter('show', `${name}-0-999999`)
    expect(absent).toMatchObject({ status: 2, stdout: '' })
    expect(absent.stderr).toMatch(/^There is no dead letter at \S+-0-999999: .*\n$/)
    expect(await deadletter('retry', 'nowhere-0-1')).toMatchObject({ status: 2, stdout: '' })
    expect((await deadletter('show', 'x')).stderr).toMatch(/^“x” is no position.*\n$/)
    expect((await deadletter('list', '--limit', '0')).stderr).toMatch(/^--limit takes a whole number.*\n$/)
  })

  it('tells in one sentence that a server is away', async () => {
    const without = (env: Readonly<Record<string, string>>) =>
      runCommand({ env: { ...installation.env, ...env } }, ['deadletter', 'list'])
    const registry = await without({ TIDEMARK_REGISTRY_URL: 'http://127.0.0.1:1/apis/ccompat/v7' })
    expect(registry.status).toBe(1)
    expect(registry.stderr).toMatch(/^[^\n]*can't be used: [^\n]*\n$/)
    const kafka = await without({ TIDEMARK_KAFKA_BROKERS: '127.0.0.1:1' })
    expect(kafka.status).toBe(1)
    expect(kafka.stderr).toMatch(/^Kafka can't be used: [^\n]*\n$/)
  })
})
