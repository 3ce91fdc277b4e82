import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PeerBatch } from '../../../../../shared/avro/types.ts'
import { runWithCrashes } from '../../../../support/crashes.ts'
import { begin, lastWord, sizeMs } from '../../../../support/detector.ts'
import { gaussian } from '../../../../support/gaussian.ts'
import {
  comparePeers,
  hostSeries,
  peerBatch,
  peerLog,
  peerSettings,
  peerTask,
  rounds,
  sampleAt,
} from '../../../../support/peers.ts'
import { RecordingOutput } from '../../../../support/recording-output.ts'
import { record, topics } from '../../../../support/task-context.ts'

const hosts = 8
const quiet = 200

/** A wave that all follow, and noise of each: the same for the same host and window. */
const noise = Array.from({ length: hosts }, (_, host) => {
  const next = gaussian(host + 1)
  return Float64Array.from({ length: 1_000 }, next)
})
const usual = (host: number, at: number) => 35 + 10 * Math.sin(at / 40) + host / 2 + noise[host]![at]!

const anomaliesOf = (batches: readonly PeerBatch[], config = peerSettings()) =>
  comparePeers(batches, config).of(topics.anomalies)

describe('the comparison of siblings', () => {
  it('tells who begins to differ, from what, and when it is over', () => {
    const told = anomaliesOf(
      rounds(quiet + 200, hosts, (host, at) =>
        host === 3 && at >= quiet && at < quiet + 10 ? 92 : usual(host, at),
      ),
      peerSettings({ cooldownWindows: 30 }),
    )
    expect(told[0]).toMatchObject({
      state: 'open',
      revision: 0,
      series: hostSeries(3),
      kind: 'peer',
      model: 'peers',
      direction: 'above',
      start: begin + quiet * sizeMs,
      value: 92,
      statistic: 'mean',
      windowSizeMs: sizeMs,
    })
    expect(told[0]!.expected).toBeGreaterThan(told[0]!.lower)
    expect(told[0]!.upper).toBeLessThan(60)
    expect(told[0]!.message).toMatch(
      /^cpu\{host=web-3, service=shop\}: mean is 92, by its 7 siblings it should be [\d.]+ to [\d.]+ \(/,
    )
    expect(told.at(-1)).toMatchObject({ state: 'closed', peak: expect.any(Number) })
    expect(new Set(told.map(({ id }) => id)).size).toBe(1)
  })

  it('says nothing of a host that always differs, nor before it knows', () => {
    const own = (host: number, at: number) => (host === 3 ? 3 : 1) * usual(host, at)
    expect(anomaliesOf(rounds(quiet + 60, hosts, own))).toEqual([])
    expect(
      anomaliesOf(rounds(60, hosts, (host, at) => (at > 50 && host === 3 ? 92 : usual(host, at)))),
    ).toEqual([])
  })

  it('says nothing of what befalls all, whether they get more or are multiplied', () => {
    for (const change of [(value: number) => value + 40, (value: number) => 2 * value])
      expect(
        anomaliesOf(
          rounds(quiet + 60, hosts, (host, at) => (at < quiet ? usual(host, at) : change(usual(host, at)))),
        ),
      ).toEqual([])
  })

  it('says nothing of members that go and come, and nothing of fewer than four', () => {
    const leaving = rounds(quiet + 150, hosts, (host, at) =>
      (host > 3 && at > quiet && at < quiet + 50) || (host === 1 && at < 120) ? Number.NaN : usual(host, at),
    )
    expect(anomaliesOf(leaving)).toEqual([])
    const three = rounds(quiet + 20, 3, (host, at) => (host === 1 && at > quiet ? 92 : usual(host, at)))
    expect(anomaliesOf(three)).toEqual([])
  })

  it('closes the anomaly of a member that goes', () => {
    const told = anomaliesOf(
      rounds(quiet + 30, hosts, (host, at) =>
        host !== 3 || at < quiet ? usual(host, at) : at < quiet + 5 ? 92 : Number.NaN,
      ),
    )
    expect(told.at(-1)).toMatchObject({ state: 'closed', end: begin + (quiet + 5) * sizeMs })
  })

  it('judges anew what is revised', () => {
    const batches = [
      ...rounds(quiet + 2, hosts, (host, at) => (host === 3 && at >= quiet ? 92 : usual(host, at))),
      peerBatch([quiet, quiet + 1].map((at) => sampleAt(3, at, usual(3, at)))),
      ...rounds(1, hosts, usual, quiet + 2),
    ]
    const told = anomaliesOf(batches)
    expect(told.map(({ state }) => state)).toEqual(['open', 'withdrawn'])
    expect(lastWord(told).size).toBe(0)
  })

  it('leaves alone what is revised too late', () => {
    const batches = [
      ...rounds(quiet, hosts, usual),
      peerBatch([sampleAt(3, quiet - 20, 92)]),
      ...rounds(1, hosts, usual, quiet),
    ]
    expect(anomaliesOf(batches)).toEqual([])
  })

  it('waits for all partitions of the windows', () => {
    const half = (at: number, partition: number) =>
      peerBatch(
        Array.from({ length: hosts }, (_, host) => host)
          .filter((host) => host % 2 === partition)
          .map((host) => sampleAt(host, at, host === 3 && at === quiet ? 92 : usual(host, at))),
        at + 1,
        { partition, partitions: 2 },
      )
    const lag = 40
    const batches = Array.from({ length: quiet + 1 + lag }, (_, at) => [
      ...(at <= quiet ? [half(at, 1)] : []),
      ...(at >= lag ? [half(at - lag, 0)] : []),
    ]).flat()
    expect(anomaliesOf(batches.slice(0, -1))).toEqual([])
    expect(anomaliesOf(batches)).toMatchObject([{ state: 'open', series: hostSeries(3) }])
  })

  it('refuses batches that no detector writes, and goes on', () => {
    const damaged = { ...peerBatch([sampleAt(0, 0, 1)], 1), partition: 7 }
    const out = comparePeers([damaged, peerBatch([sampleAt(0, 0, Number.POSITIVE_INFINITY)], 1)])
    expect(out.rejected.map(({ reason }) => reason)).toEqual(['malformed_batch', 'malformed_batch'])
  })
})

/** How far back late samples may be. */
const maxBack = 5
const config = peerSettings({ revisableMs: maxBack * sizeMs, warningOneIn: 1_000 })
const warmUp = 110

/** After a healthy time: what hosts do in each window, and which samples are late, of which window before. */
const anyStep = fc.record({
  odd: fc.option(fc.tuple(fc.nat(5), fc.constantFrom(92, 5, 60, Number.NaN)), { freq: 3 }),
  late: fc.array(
    fc.tuple(fc.nat(5), fc.integer({ min: 1, max: maxBack }), fc.constantFrom(30, 92, Number.NaN)),
    {
      maxLength: 2,
    },
  ),
})
const anySteps = fc.array(anyStep, { minLength: 5, maxLength: 40 })

function logOf(
  steps: readonly (typeof anyStep extends fc.Arbitrary<infer T> ? T : never)[],
): readonly PeerBatch[] {
  const healthy = rounds(warmUp, 6, usual)
  const eventful = steps.map(({ odd, late }, i) => {
    const at = warmUp + i
    const now = Array.from({ length: 6 }, (_, host) =>
      sampleAt(host, at, odd?.[0] === host ? odd[1] : usual(host, at)),
    ).filter(({ value }) => !Number.isNaN(value))
    return peerBatch([...now, ...late.map(([host, back, value]) => sampleAt(host, at - back, value))], at + 1)
  })
  return [...healthy, ...eventful]
}

describe('a task that compares siblings', () => {
  it('goes on after a crash at any commit as if nothing had happened', () => {
    let told = 0
    fc.assert(
      fc.property(anySteps, fc.array(fc.nat(150), { minLength: 1, maxLength: 5 }), (steps, crashes) => {
        const log = peerLog(logOf(steps))
        const undisturbed = new RecordingOutput()
        peerTask(config).process(log, undisturbed)
        told += undisturbed.sent.length
        expect(runWithCrashes((memo) => peerTask(config, memo), log, crashes).sent).toEqual(undisturbed.sent)
      }),
      { numRuns: 20 },
    )
    expect(told).toBeGreaterThan(20)
  })

  it('knows in the end what it would of windows that had come once, in order, whatever the order of members', () => {
    const essence = (out: RecordingOutput) =>
      [...lastWord(out.of(topics.anomalies))]
        .map(([id, { start, end, peak, value, windows }]) =>
          end === null ? { id, start, end } : { id, start, end, peak, value, windows },
        )
        .sort((a, b) => (a.id < b.id ? -1 : 1))
    fc.assert(
      fc.property(anySteps, fc.nat(5), (steps, turn) => {
        const log = logOf(steps)
        const last = new Map<string, ReturnType<typeof sampleAt>>()
        for (const { groups } of log)
          for (const { samples } of groups)
            for (const sample of samples) last.set(`${sample.series.tags[0]!.value} ${sample.start}`, sample)
        const byStart = Map.groupBy(
          [...last.values()].filter(({ value }) => !Number.isNaN(value)),
          ({ start }) => start,
        )
        const inOrder = [...byStart.keys()]
          .sort((a, b) => a - b)
          .map((start) => {
            const samples = byStart.get(start)!
            // In another order, and in two batches.
            const turned = [...samples.slice(turn), ...samples.slice(0, turn)]
            return [peerBatch(turned.slice(2)), peerBatch(turned.slice(0, 2), (start - begin) / sizeMs + 1)]
          })
        // Time for all that is late to be judged, and for all that is open to be closed.
        const end = rounds(10, 6, usual, warmUp + steps.length)
        expect(essence(comparePeers([...log, ...end], config))).toEqual(
          essence(comparePeers([...inOrder.flat(), ...end], config)),
        )
      }),
      { numRuns: 20 },
    )
  })

  it('reads again no more than what is not stored, and stores each member once in an interval', () => {
    const count = 300
    const log = peerLog(rounds(count, 6, usual))
    const out = new RecordingOutput()
    const task = peerTask(config)
    let kept = 0
    const counting = Object.assign(Object.create(out) as RecordingOutput, {
      keep: (key: string, value: Uint8Array | null) => {
        kept++
        out.keep(key, value)
      },
    })
    task.process(log, counting)
    expect(task.resumePoint()!.offset).toBeGreaterThan(count - 25)
    expect(out.state.size).toBe(7)
    expect(kept).toBeLessThan(7 * (count / 10 + 3))
  })

  it('keeps what it knows of very many partitions in its state', () => {
    const partitions = 400
    const of = (at: number) =>
      Array.from({ length: partitions }, (_, partition) =>
        peerBatch(
          partition === 0 ? Array.from({ length: 6 }, (_, host) => sampleAt(host, at, usual(host, at))) : [],
          at + 1,
          { partition, partitions },
        ),
      )
    const out = new RecordingOutput()
    const log = peerLog([0, 1, 2].flatMap(of))
    const task = peerTask(config)
    task.process(log.slice(0, -10), out)
    task.beforeCommit(out)
    const { offset, memo } = task.resumePoint()!
    expect(memo).toBe('@')
    const successor = peerTask(config, memo)
    for (const [key, value] of out.state) successor.restore(key, value)
    successor.process(
      log.filter((each) => each.offset >= offset),
      out,
    )
    task.process(log.slice(-10), out)
    expect(successor.resumePoint()).toEqual(task.resumePoint())
  })

  it('begins anew with a damaged state, and drops groups that nobody compares any more', () => {
    const out = comparePeers(rounds(150, 6, usual), config)
    const task = peerTask(config)
    for (const [key, value] of out.state)
      expect(() => task.restore(key, value.slice(0, 20))).toThrow(RangeError)
    const other = peerTask(peerSettings({ peers: [{ metric: 'mem', where: {}, by: [] }] }))
    for (const [key, value] of out.state) other.restore(key, value)
    other.process([record(200, peerBatch([], 151))], out)
    expect(out.state.size).toBe(0)
  })
})
