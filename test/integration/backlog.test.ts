import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PointBatch, Window, WindowBatch } from '../../shared/avro/types.ts'
import type { Producer } from '../../shared/kafka/producer.ts'
import {
  collect,
  eventually,
  type Installation,
  install,
  newName,
  producerFor,
  type RunningService,
  startService,
  stopServices,
} from '../support/pipeline.ts'

const partitions = [0, 1]
/** So many that each partition of points has some of them. */
const metrics = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const second = 1_000
/** Much longer than the time-outs that say who is idle. */
const outageMs = 5 * second

/** A point of each metric each second, half of them in each raw partition, and what the pipeline makes of them. */
class Flow {
  readonly installation: Installation
  readonly producer: Producer
  readonly begin = Math.floor(Date.now() / (60 * second)) * 60 * second - 600 * second
  rounds = 0

  constructor(installation: Installation, producer: Producer) {
    this.installation = installation
    this.producer = producer
  }

  async send(): Promise<void> {
    const time = this.begin + this.rounds * second
    const value = metrics.map((metric) => `${metric} value=1 ${time}000000`).join('\n')
    await this.producer.send(
      this.installation.rawMetrics,
      partitions.map((partition) => ({ partition, value })),
    )
    this.rounds++
  }

  /** Samples of the windows of 2 s that have been emitted: those of all metrics alone, and those of the roll-ups. */
  samples(batches: readonly WindowBatch[]) {
    const windows = batches.flatMap((batch) => batch.windows).filter(({ sizeMs }) => sizeMs === 2 * second)
    const [rolledUp, own] = [windows.filter(isRollUp), windows.filter((window) => !isRollUp(window))]
    return { own: sum(own), rolledUp: sum(rolledUp) }
  }

  get sent(): number {
    return this.rounds * metrics.length * partitions.length
  }

  /** The windows that are not what they must be: not the first revision, or with a point missing. */
  flaws(batches: readonly WindowBatch[]): readonly object[] {
    const end = this.begin + this.rounds * second
    return batches.flatMap(({ windows }) =>
      windows.flatMap(({ series: { metric }, start, sizeMs, revision, count }) => {
        const expected = ((Math.min(start + sizeMs, end) - start) / second) * partitions.length
        const at = (start - this.begin) / second
        return revision === 0 && count === expected ? [] : [{ metric, at, sizeMs, revision, count, expected }]
      }),
    )
  }
}

const isRollUp = ({ series }: Window) => series.metric.endsWith('.by_all')
const sum = (windows: readonly Window[]) => windows.reduce((total, { count }) => total + count, 0)

async function metric({ url }: RunningService, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return [...text.matchAll(new RegExp(`^tidemark_${name}(?:\\{.*\\})? (\\S+)$`, 'gm'))].reduce(
    (total, [, value]) => total + Number(value),
    0,
  )
}

describe.each(['normalizer', 'aggregator'] as const)('when one of two workers is down: %s', (down) => {
  let flow: Flow
  const workers = new Map<string, RunningService>()
  const start = async (service: 'normalizer' | 'aggregator', number: number) => {
    const { installation } = flow
    const env = { ...installation.env, TIDEMARK_WORKER_INSTANCE_ID: `${service}-${number}` }
    workers.set(`${service}-${number}`, await startService({ ...installation, env }, service))
  }

  beforeAll(async () => {
    const name = newName()
    const installation = await install(
      {
        TIDEMARK_NORMALIZER_INPUT_TOPICS: `${name}.raw.metrics`,
        // A worker that is back within the session gets its partitions back, and nobody else meanwhile.
        TIDEMARK_WORKER_SESSION_TIMEOUT_MS: '30000',
        TIDEMARK_AGGREGATOR_SIZES_MS: '2000,10000',
        TIDEMARK_AGGREGATOR_ROLL_UPS: JSON.stringify([{ metric: '*', by: [] }]),
        TIDEMARK_AGGREGATOR_SOURCE_IDLE_MS: '3000',
        TIDEMARK_AGGREGATOR_PART_IDLE_MS: '3000',
        // Nothing is forgiven.
        TIDEMARK_AGGREGATOR_LATENESS_MS: '0',
      },
      { name },
    )
    flow = new Flow(installation, await producerFor(installation))
    for (const number of [0, 1])
      for (const service of ['normalizer', 'aggregator'] as const) await start(service, number)
  })

  afterAll(async () => {
    await stopServices()
    await flow.producer.close()
  })

  it('its partitions are waited for, and the windows are those of a live run', async () => {
    const { topics } = flow.installation
    const windows = await collect<WindowBatch>(flow.installation, topics.windows)
    const late = await collect<PointBatch>(flow.installation, topics.late)
    // Until windows come, with all partitions having been heard of.
    await eventually(
      () => flow.send().then(() => flow.samples(windows.records)),
      ({ own, rolledUp }) => own > 0 && rolledUp > 0,
    )
    await workers.get(`${down}-1`)!.kill()
    const downSince = Date.now()
    await eventually(
      () => flow.send().then(() => Date.now() - downSince),
      (ms) => ms > outageMs,
    )
    const waits = await eventually(
      () => flow.send().then(() => metric(workers.get('aggregator-0')!, 'aggregator_sources_behind')),
      (sources) => sources > 0,
      down === 'normalizer' ? 30_000 : 0,
    )
    if (down === 'normalizer') expect(waits).toBeGreaterThan(0)
    expect(flow.flaws(windows.records)).toEqual([])
    await start(down, 1)
    await eventually(
      () => flow.samples(windows.records),
      ({ own, rolledUp }) => own >= flow.sent && rolledUp >= flow.sent,
    )
    expect(flow.samples(windows.records)).toEqual({ own: flow.sent, rolledUp: flow.sent })
    expect(flow.flaws(windows.records)).toEqual([])
    expect(late.records).toEqual([])
    for (const number of [0, 1]) {
      const worker = workers.get(`aggregator-${number}`)!
      expect(await metric(worker, 'aggregator_late_partials_total')).toBe(0)
      expect(await metric(worker, 'aggregator_sources_abandoned_total')).toBe(0)
    }
    await Promise.all([windows.close(), late.close()])
  })
})
