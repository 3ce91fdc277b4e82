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

const limited = { TIDEMARK_NORMALIZER_MAX_NAME_BYTES: '16' }

/** Records that a too strict normalizer has refused, once it is less strict. */
describe('re-driving dead letters', () => {
  let installation: Installation
  let letters: { readonly records: DeadLetter[] } & Tail
  let points: { readonly records: PointBatch[] } & Tail

  beforeAll(async () => {
    installation = await install()
    letters = await collect<DeadLetter>(installation, installation.topics.deadletter)
    points = await collect<PointBatch>(installation, installation.topics.points)
    const strict = await startService(
      { ...installation, env: { ...installation.env, ...limited } },
      'normalizer',
    )
    const producer = await producerFor(installation)
    const time = Date.now()
    const line = (metric: string, value: number) => `${metric} v=${value} ${time}000000`
    const long = 'a_name_of_more_than_16_bytes'
    await producer.send(installation.rawMetrics, [
      { key: 'whole', value: line(long, 1), headers: { origin: 'agent-7' } },
      { key: 'part', value: [line('good', 2), line(long, 3), line('good', 4), line(long, 5)].join('\n') },
      { key: 'garbage', value: 'no metric at all' },
    ])
    await producer.close()
    await eventually(
      () => letters.records.length,
      (count) => count === 3,
    )
    await strict.stop()
    await startService(installation, 'normalizer')
  })
  afterAll(async () => {
    await Promise.all([letters.close(), points.close()])
    await stopServices()
  })

  it('says what it would do, and does nothing', async () => {
    const { status, stdout } = await runCommand(installation, ['replay', '--deadletters', '--dry-run'])
    expect(stdout).toContain('Would re-drive 3 dead letters')
    expect(status).toBe(0)
    expect(values(points.records)).toEqual([2, 4])
  })

  it('sends them once, of a record that was refused in part the refused parts only', async () => {
    const reason = letters.records.find(({ key }) => key?.toString() === 'whole')!.reason
    const chosen = await runCommand(installation, ['replay', '--deadletters', '--reason', reason])
    expect(chosen.stdout).toContain('Re-driven: 2 dead letters.')
    expect(chosen.stdout).toContain('Left: 1 were not asked for.')
    await eventually(
      () => values(points.records).length,
      (count) => count >= 5,
    )
    const rest = await runCommand(installation, ['replay', '--deadletters'])
    expect(rest.stdout).toContain('Re-driven: 1 dead letters.')
    expect(rest.stdout).toContain('Left: 2 were re-driven before')
    // What can't be mended comes back, and after it nothing else is on its way.
    await eventually(
      () => letters.records.length,
      (count) => count >= 4,
    )
    expect(values(points.records)).toEqual([1, 2, 3, 4, 5])
    const back = letters.records.at(-1)!
    expect(back.value!.toString()).toBe('no metric at all')
    expect(back.key!.toString()).toBe('garbage')
    expect(back.headers.map(({ key }) => key)).toContain('tidemark-redriven-from')
  })

  it('refuses what it can’t understand', async () => {
    const mixed = await runCommand(installation, ['replay', '--deadletters', '--verify'])
    expect(mixed).toMatchObject({ status: 2, stderr: '--verify does not go with --deadletters.\n' })
    const unknown = await runCommand(installation, ['replay', '--deadletters', '--topic', 'nothing-of-ours'])
    expect(unknown).toMatchObject({ status: 2, stderr: '--topic: there is no topic nothing-of-ours.\n' })
  })
})

const values = (batches: readonly PointBatch[]) =>
  batches.flatMap((batch) => [...batch.values]).sort((one, other) => one - other)
