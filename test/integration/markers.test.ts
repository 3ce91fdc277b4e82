import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyMarkers } from '../../cli/replay/copy-markers.ts'
import { Codec } from '../../shared/avro/codec.ts'
import { connectRegistry } from '../../shared/avro/registry.ts'
import type { Anomaly, DeadLetter, Incident, Window, WindowBatch } from '../../shared/avro/types.ts'
import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import type { Producer } from '../../shared/kafka/producer.ts'
import { seriesKey, seriesPartition } from '../../shared/series/series.ts'
import { runCommand } from '../support/command.ts'
import { batchOf, begin, sizeMs, steady, windowAt } from '../support/detector.ts'
import {
  collect,
  eventually,
  type Installation,
  install,
  producerFor,
  silent,
  startService,
  stopServices,
} from '../support/pipeline.ts'
import { readTopic } from '../support/read-topic.ts'

const partitions = 2
/** In both partitions. */
const metrics = ['a', 'b', 'c', 'd']
const at = (windows: number) => new Date(begin + windows * sizeMs).toISOString()

describe('markers', () => {
  let installation: Installation
  let producer: Producer
  let codec: Codec
  let anomalies: Awaited<ReturnType<typeof collect<Anomaly>>>
  let windows: Awaited<ReturnType<typeof collect<WindowBatch>>>
  beforeAll(async () => {
    installation = await install({
      TIDEMARK_DETECTOR_MODEL: 'robust-z-score',
      TIDEMARK_DETECTOR_COOLDOWN_WINDOWS: '3',
      TIDEMARK_WORKER_COMMIT_INTERVAL_MS: '50',
    })
    producer = await producerFor(installation)
    codec = new Codec(connectRegistry(installation.config.registry))
    await codec.prepareWriter(installation.topics.windows.name, 'WindowBatch')
    await codec.prepareWriter(installation.topics.markers.name, 'Marker')
    anomalies = await collect(installation, installation.topics.anomalies)
    windows = await collect(installation, installation.topics.windows)
    await startService(installation, 'detector')
  })
  afterAll(async () => {
    await anomalies.close()
    await windows.close()
    await producer.close()
    await stopServices()
  })

  const send = async (sent: readonly Window[]) => {
    const { windows } = installation.topics
    for (let partition = 0; partition < partitions; partition++)
      await producer.send(
        windows.name,
        sent
          .filter(({ series }) => seriesPartition(seriesKey(series), partitions) === partition)
          .map((window) => ({
            partition,
            value: codec.encode(windows.name, windows.schema, batchOf([window])),
          })),
      )
  }
  /** Runs `tidemark mark`, and waits until all partitions that it is about know it. */
  const mark = async (args: readonly string[], reaches = partitions) => {
    const known = () => windows.records.filter(({ marker }) => marker).length
    const before = known()
    const result = await runCommand(installation, ['mark', ...args])
    expect(result).toMatchObject({ status: 0, stderr: '' })
    await eventually(known, (count) => count >= before + reaches)
    expect(known()).toBe(before + reaches)
    return result.stdout
  }
  const told = (count: number) =>
    eventually(
      () => anomalies.records,
      ({ length }) => length >= count,
    )

  it('silence, explain and judge anomalies in all partitions', async () => {
    expect(new Set(metrics.map((metric) => seriesPartition(metric, partitions))).size).toBe(partitions)
    await send(metrics.flatMap((metric) => steady(20, { metric })))
    expect(
      await mark(['maintenance', '--from', at(20), '--to', at(25), '--match', 'a', '--id', 'upgrade']),
    ).toMatch(/^Marked as upgrade: maintenance from /)
    await mark([
      'deploy',
      '--match',
      '*',
      '--at',
      at(18),
      '--text',
      'shop 2.14',
      '--who',
      'jane',
      '--id',
      'd',
    ])
    await send(metrics.map((metric) => windowAt(20, 130, { metric })))

    const first = await told(3)
    expect(first.map(({ series }) => series.metric).sort()).toEqual(['b', 'c', 'd'])
    expect(new Set(first.map(({ deploy }) => deploy?.id))).toEqual(new Set(['d']))
    expect(first[0]!.message).toContain('began 20 s after deploy shop 2.14')

    const incidents = await eventually(
      () => readTopic<Incident>(installation, installation.topics.incidents),
      ({ length }) => length > 0,
    )
    const said = await mark(['real', '--incident', incidents[0]!.id], 3)
    expect(said).toContain('Anomalies marked: 3. The incident has 3 series.')

    const b = first.find(({ series }) => series.metric === 'b')!
    await mark(['expected', b.id, '--text', 'backup'], 1)
    await mark(['real', '--series', 'c', '--at', at(20)], 1)
    expect((await told(4)).at(-1)).toMatchObject({ id: b.id, state: 'withdrawn' })

    await mark(['remove', 'upgrade'])
    expect((await told(5)).at(-1)).toMatchObject({ state: 'open', series: { metric: 'a' } })

    const listed = (await runCommand(installation, ['mark', 'list', '--all'])).stdout.trim().split('\n')
    expect(listed).toHaveLength(4)
    expect(listed[0]).toBe(`d  deploy at 2023-11-14T22:16:20Z of all series: shop 2.14 (jane)`)
  })

  it('of a stretch are known to a replay of it before any window', async () => {
    const replay = await install()
    const admin = await KafkaAdmin.open(installation.config.kafka, silent)
    const stretch = { prefix: replay.name, readFrom: begin, to: begin + 100 * sizeMs }
    await copyMarkers(installation.config, stretch, admin, silent).finally(() => admin.close())
    const copies = await readTopic<WindowBatch>(replay, replay.topics.windows)
    // One was removed; the others are there once for each partition.
    expect(copies.map(({ marker }) => marker!.kind).sort()).toEqual(
      ['deploy', 'expected', 'real', 'real'].flatMap((kind) =>
        Array.from({ length: partitions }, () => kind),
      ),
    )
  })

  it('are refused with a sentence, on the command line and in the topic', async () => {
    const refused = async (args: readonly string[]) => await runCommand(installation, ['mark', ...args])
    expect(await refused(['real', 'nothing'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('has no anomaly with the id “nothing”'),
    })
    expect(await refused(['deploy'])).toMatchObject({ status: 2 })
    const { markers, deadletter } = installation.topics
    const marker = { id: 'bad', kind: 'maintenance', metric: '*', where: {}, from: begin, to: begin - 1 }
    const rest = { isRemoved: false, who: '', text: '', anomaly: null }
    await producer.send(markers.name, [
      { key: 'bad', value: codec.encode(markers.name, markers.schema, { ...marker, ...rest }) },
      { key: 'worse', value: Buffer.from('no marker') },
    ])
    const letters = await eventually(
      () => readTopic<DeadLetter>(installation, deadletter),
      ({ length }) => length >= 2,
    )
    expect(letters.map(({ reason }) => reason).sort()).toEqual(['malformed_marker', 'not_framed'])
  })
})
