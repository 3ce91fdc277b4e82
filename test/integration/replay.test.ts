import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PointBatch } from '../../shared/avro/types.ts'
import { connectInflux } from '../../shared/influx/client.ts'
import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { createKafkaClient } from '../../shared/kafka/client.ts'
import { decodeCommitMetadata } from '../../shared/stream/commit-metadata.ts'
import { type RunningCommand, runCommand, startCommand } from '../support/command.ts'
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
import { withoutInflux } from '../support/stack.ts'

const windowMs = 10_000
const hosts = ['a', 'b', 'c', 'd']
const windowCount = 6
/** The stretch is a minute, so that it holds a window of that length as well. */
const minuteMs = 60_000
const laterHosts = 24

interface Sample {
  readonly host: string
  readonly time: number
  readonly value: number
}

/** A live pipeline that has lost late points, and what a replay makes of it. */
describe.skipIf(withoutInflux())('a replay beside the live pipeline', () => {
  const measurement = `replay_${Date.now().toString(36)}`
  const from = Math.floor(Date.now() / minuteMs) * minuteMs - 120_000
  const to = from + windowCount * windowMs
  const range = ['replay', '--from', iso(from), '--to', iso(to)]
  const onTime = samplesOf(hosts, (i) => i)
  // For windows that are closed for good by then, and of a host that none of them has seen.
  const late = samplesOf(['a', 'b', 'late'], (i) => 1_000 + i, 4)
  let installation: Installation
  let admin: KafkaAdmin
  let offsetsBefore: unknown

  beforeAll(async () => {
    installation = await install({ TIDEMARK_AGGREGATOR_LATENESS_MS: '2000' })
    admin = await KafkaAdmin.open(installation.config.kafka, silent)
    await Promise.all(
      (['normalizer', 'aggregator', 'influx-sink'] as const).map((name) => startService(installation, name)),
    )
    await publish(onTime, () => 'agent')
    // Points from later close all windows of the stretch: of so many series that each partition gets one.
    await publish(
      Array.from({ length: laterHosts }, (_, i) => ({ host: `later-${i}`, time: to + 60_000, value: 0 })),
      () => 'agent',
    )
    await eventually(
      () => readWindows(),
      (rows) => rows.size === hosts.length * windowCount,
    )
    // Their own windows are closed for idleness.
    await eventually(
      () => readWindows(to, to + 120_000),
      (rows) => rows.size === laterHosts,
    )
    await publish(late)
    const lost = await collect<PointBatch>(installation, installation.topics.late)
    await eventually(
      () => lost.records.reduce((sum, { times }) => sum + times.length, 0),
      (count) => count === late.length,
    )
    await lost.close()
    await untilIdle()
    offsetsBefore = await eventually(liveOffsets, (offsets) => offsets.settled)
  })
  afterAll(async () => {
    await stopServices()
    await admin.close()
  })

  it('tells each difference to what is stored, and writes nothing', async () => {
    const { status, stdout } = await runCommand(installation, [...range, '--verify'])
    expect(stdout).toContain(
      `${iso(from)} ${measurement}.v,host=a,window=10s: count is 10 in InfluxDB, recomputed 14`,
    )
    expect(stdout).toContain(`${iso(from)} ${measurement}.v,host=late,window=10s: missing in InfluxDB`)
    expect(stdout).toMatch(new RegExp(`${windowCount + 1} windows are missing, 0 are extra`))
    expect(status).toBe(1)
    expect((await readWindows()).size).toBe(hosts.length * windowCount)
  })

  it('is stopped in order, and is refused while it runs already', async () => {
    const slow = startCommand(installation, [...range, '--rate', '10'])
    const prefix = await prefixOf(slow)
    await eventually(
      () => admin.membersOf(`${prefix}-normalizer`),
      (members) => members > 0,
    )
    const second = await runCommand(installation, range)
    expect(second.stderr).toMatch(
      /^The group \S+-normalizer has members: a replay .* is running already\.\n$/,
    )
    expect(second.status).toBe(2)
    slow.process.kill('SIGINT')
    const { status, stdout } = await slow.result
    expect(stdout).toContain('Stopped. The same command goes on from here')
    expect(status).toBe(130)
  })

  it('is killed, goes on, and leaves exactly the true windows, live offsets where they were, and nothing of its own', async () => {
    const slow = startCommand(installation, [...range, '--rate', '60'])
    const prefix = await prefixOf(slow)
    const position = async () => {
      const committed = await admin.committedBy(`${prefix}-normalizer`, [installation.rawMetrics])
      return [...committed.values()]
        .flatMap((of) => [...of.values()])
        .reduce((sum, { offset }) => sum + offset, 0)
    }
    await eventually(position, (offset) => offset > 150)
    slow.process.kill('SIGKILL')
    await slow.result
    expect(await position()).toBeLessThan(onTime.length + late.length)

    const { status, stdout, stderr } = await runCommand(installation, range)
    expect(stderr).toContain(`Going on with the replay ${prefix}`)
    expect(stdout).toContain('windows written to InfluxDB')
    expect(status).toBe(0)
    expect(await readWindows()).toEqual(truth([...onTime, ...late]))
    expect(await liveOffsets()).toEqual(offsetsBefore)
    expect((await admin.listTopics()).filter((name) => name.startsWith(prefix!))).toEqual([])
    expect((await admin.listGroups()).filter((name) => name.startsWith(prefix!))).toEqual([])
  })

  it('finds no difference afterwards', async () => {
    const { status, stdout } = await runCommand(installation, [...range, '--verify'])
    expect(stdout).toContain('no difference')
    expect(status).toBe(0)
  })

  it('refuses what there is nothing to replay of', async () => {
    const day = 86_400_000
    const early = await runCommand(installation, [
      'replay',
      '--from',
      iso(from - day),
      '--to',
      iso(from - day + 60_000),
    ])
    expect(early).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^Nothing was written to .*nothing to replay\.\n$/),
    })
    const unknown = await runCommand(installation, [...range, '--topics', `${installation.name}.raw.nothing`])
    expect(unknown).toMatchObject({
      status: 2,
      stderr: `There is no raw topic ${installation.name}.raw.nothing: name those to replay with --topics.\n`,
    })
    await deleteRecords('1')
    const deleted = await runCommand(installation, range)
    expect(deleted).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(
        /^--from \S+ is beyond what \S+ holds: it is complete only from 20\S+Z on/,
      ),
    })
  })

  it('refuses what retention has emptied altogether', async () => {
    await deleteRecords('-1')
    const gone = await runCommand(installation, range)
    expect(gone).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(
        /^Nothing is left to replay between \S+ and \S+: all records of \S+\.raw\.metrics\/\d(, \S+\/\d)* were deleted\.\n$/,
      ),
    })
    // The topic keeps its records for a week.
    const old = [from, to].map((time) => iso(time - 8 * 86_400_000))
    const beyond = await runCommand(installation, ['replay', '--from', old[0]!, '--to', old[1]!])
    expect(beyond).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(
        /^--from \S+ is beyond what \S+ holds: it is complete only from 20\S+Z on/,
      ),
    })
  })

  function samplesOf(of: readonly string[], value: (i: number) => number, perWindow = 10): readonly Sample[] {
    return Array.from({ length: windowCount * perWindow }, (_, i) =>
      of.map((host) => ({
        host,
        time: from + Math.floor((i * windowMs) / perWindow),
        value: value(i),
      })),
    ).flat()
  }

  function prefixOf({ output }: RunningCommand): Promise<string | undefined> {
    return eventually(
      () => /replay (\S+\.replay-\w+):/.exec(output.stderr)?.[1],
      (found) => found !== undefined,
    )
  }

  /** Those before the offset, as retention does it; `-1` is the end. */
  async function deleteRecords(offset: string): Promise<void> {
    const client = createKafkaClient(installation.config.kafka, silent).admin()
    await client.connect()
    const ranges = [...(await admin.ranges(installation.rawMetrics))].filter(([, { end }]) => end > 1)
    // kafkajs knows the leaders of the topics only that it was asked about before.
    await client.fetchTopicOffsets(installation.rawMetrics)
    await client.deleteTopicRecords({
      topic: installation.rawMetrics,
      partitions: ranges.map(([partition]) => ({ partition, offset })),
    })
    await client.disconnect()
  }

  /** With one key all go to one raw partition, in their order. */
  async function publish(samples: readonly Sample[], keyOf = ({ host }: Sample) => host): Promise<void> {
    const producer = await producerFor(installation)
    await producer.send(
      installation.rawMetrics,
      samples.map((sample) => ({
        key: keyOf(sample),
        value: `${measurement},host=${sample.host} v=${sample.value} ${sample.time}000000`,
      })),
    )
    await producer.close()
  }

  async function readWindows(start = from, stop = to) {
    const { config } = installation
    const rows = await connectInflux(config.influx).query(
      `from(bucket: "${config.influx.bucket}") |> range(start: ${iso(start)}, stop: ${iso(stop)})
        |> filter(fn: (r) => r._measurement == "${measurement}.v" and r.window == "10s")
        |> map(fn: (r) => ({ r with _value: float(v: r._value) }))
        |> pivot(rowKey: ["_time", "host"], columnKey: ["_field"], valueColumn: "_value")`,
    )
    return new Map(
      rows.map(({ host, _time, count, sum, min, max }) => [
        `${host}@${_time}`,
        { count, sum, min, max } as Readonly<Record<string, unknown>>,
      ]),
    )
  }

  /** Waits until the normalizer has said of each raw partition, after all its points, that it is idle: then it says nothing more. */
  async function untilIdle() {
    const points = await collect<PointBatch>(installation, installation.topics.points)
    const isIdle = () => {
      const read = points.records.reduce((sum, { times }) => sum + times.length, 0)
      const metrics = points.records.filter(({ source }) => source.topic === installation.rawMetrics)
      const last = new Map(metrics.map((batch) => [batch.source.partition, batch.sourceIsIdle]))
      return read === onTime.length + laterHosts + late.length && [...last.values()].every(Boolean)
    }
    expect(await eventually(isIdle, Boolean)).toBe(true)
    await points.close()
  }

  /** Up to where the live groups have committed their outputs, and whether that is all there is. */
  async function liveOffsets() {
    const { name, topics, rawMetrics } = installation
    const places = {
      normalizer: rawMetrics,
      aggregator: topics.points.name,
      'influx-sink': topics.windows.name,
    }
    const positions = await Promise.all(
      Object.entries(places).map(async ([service, topic]) => {
        const committed = (await admin.committedBy(`${name}-${service}`, [topic])).get(topic)!
        return [...(await admin.ranges(topic))].map(([partition, { end }]) => {
          const { metadata } = committed.get(partition) ?? { metadata: '' }
          return { service, partition, position: decodeCommitMetadata(metadata)?.emitted ?? 0, end }
        })
      }),
    )
    return {
      positions: positions
        .flat()
        .map(({ service, partition, position }) => `${service}/${partition}@${position}`)
        .sort(),
      settled: positions.flat().every(({ position, end }) => position === end),
    }
  }
})

function truth(samples: readonly Sample[]) {
  const windows = Map.groupBy(samples, ({ host, time }) => `${host}@${iso(time - (time % windowMs), false)}`)
  return new Map(
    [...windows].map(([key, group]) => {
      const values = group.map(({ value }) => value)
      return [
        key,
        {
          count: values.length,
          sum: values.reduce((sum, value) => sum + value, 0),
          min: Math.min(...values),
          max: Math.max(...values),
        },
      ]
    }),
  )
}

/** InfluxDB leaves fractions out of whole seconds. */
function iso(time: number, withMilliseconds = true): string {
  const text = new Date(time).toISOString()
  return withMilliseconds ? text : text.replace('.000Z', 'Z')
}
