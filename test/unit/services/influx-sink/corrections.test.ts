import fc from 'fast-check'
import { expect, it } from 'vitest'
import { influxSinkSection } from '../../../../services/influx-sink/config.ts'
import { InfluxSinkTask, type SinkLine } from '../../../../services/influx-sink/influx-sink-task.ts'
import type { Anomaly } from '../../../../shared/avro/types.ts'
import { RetryableError } from '../../../../shared/errors.ts'
import type { WriteOutcome } from '../../../../shared/influx/client.ts'
import { identityOf } from '../../../../shared/influx/line-protocol.ts'
import { RecordingOutput } from '../../../support/recording-output.ts'
import { noSignal, record, taskContext } from '../../../support/task-context.ts'

const settleMs = 10_000

/** The log: each record is a revision of one of few windows. */
const log = fc.array(fc.nat(3), { minLength: 1, maxLength: 30 }).map((windows) => {
  const revisions = new Map<number, number>()
  return windows.map((window) => {
    const revision = revisions.get(window) ?? 0
    revisions.set(window, revision + 1)
    return { window, revision }
  })
})

/** What happens to one request after the other: it is answered, or its writer gives up and it comes to the store later. */
const fate = fc.record({
  takesMs: fc.nat(3_000),
  lost: fc.option(fc.record({ lateMs: fc.nat(settleMs - 1), dies: fc.boolean() }), { freq: 2 }),
})

class Died extends Error {}

it('does not put back a correction when its window has come again from revision 0 since', async () => {
  let now = 0
  const store = new Map<string, string>()
  const write = async (lines: readonly string[]): Promise<WriteOutcome> => {
    for (const line of lines) store.set(identityOf(line), line)
    return { written: true }
  }
  const linesOf = ({ message, revision }: Anomaly): SinkLine[] => [{ line: message, corrects: revision > 0 }]
  const task = new InfluxSinkTask(influxSinkSection.schema.parse({ settleMs }), { write }, linesOf, {
    ...taskContext(),
    now: () => now,
  })
  const process = (...lines: readonly (readonly [line: string, revision: number])[]) =>
    task.process(
      lines.map(([message, revision], i) => record(i, { message, revision } as Anomaly)),
      new RecordingOutput(),
      noSignal,
    )
  const tag = String.raw`cpu\ load,host=a\ b`
  await process([`${tag} v=1 0`, 1], [`${tag} v=2 10`, 1])
  await process([`${tag} v=3 0`, 0], [`${tag} v=4 20`, 0])
  expect(task.unsettled).toEqual({ from: 0, dueAt: settleMs })
  now = settleMs
  store.clear()
  await task.settle(noSignal)
  expect([...store.values()]).toEqual([`${tag} v=3 0`, `${tag} v=2 10`])
  expect(task.unsettled).toBeUndefined()
})

it('has the newest revision of each window in the store, whatever requests come late', async () => {
  await fc.assert(
    fc.asyncProperty(
      log,
      fc.array(fate, { maxLength: 40 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
      async (revisions, fates, batchSize, maxLines) => {
        let now = 0
        const store = new Map<string, string>()
        let late: { readonly at: number; readonly lines: readonly string[] }[] = []
        const put = (lines: readonly string[]) => {
          for (const line of lines) store.set(line.split(' ')[0]!, line.split(' ')[1]!)
        }
        const passTo = (time: number) => {
          const arrived = late.filter(({ at }) => at <= time).sort((a, b) => a.at - b.at)
          late = late.filter(({ at }) => at > time)
          for (const { lines } of arrived) put(lines)
          now = time
        }
        const queue = [...fates]
        const write = async (lines: readonly string[]): Promise<WriteOutcome> => {
          const { takesMs, lost } = queue.shift() ?? { takesMs: 1, lost: null }
          if (lost) {
            late.push({ at: now + lost.lateMs, lines })
            if (lost.dies) throw new Died()
            throw new RetryableError('InfluxDB', 'no answer')
          }
          passTo(now + takesMs)
          put(lines)
          return { written: true }
        }
        const linesOf = ({ id, revision }: Anomaly): SinkLine[] => [
          { line: `${id} v=${revision} 0`, corrects: revision > 0 },
        ]
        const open = () =>
          new InfluxSinkTask(influxSinkSection.schema.parse({ settleMs, maxLines }), { write }, linesOf, {
            ...taskContext(),
            now: () => now,
          })
        const records = revisions.map(({ window, revision }, offset) =>
          record(offset, { id: `w${window}`, revision } as Anomaly),
        )

        let task = open()
        let next = 0
        let committed = 0
        /** As the runtime does: again when a server is away, from the last commit when the worker has died. */
        const attempt = async (act: () => Promise<void>): Promise<boolean> => {
          for (;;) {
            try {
              await act()
              return true
            } catch (error) {
              if (error instanceof RetryableError) continue
              if (!(error instanceof Died)) throw error
              task = open()
              next = committed
              return false
            }
          }
        }
        while (next < records.length || task.unsettled) {
          const { unsettled } = task
          if (next === records.length) passTo(Math.max(now, unsettled!.dueAt))
          if (unsettled && now >= unsettled.dueAt) {
            if (!(await attempt(() => task.settle(noSignal)))) continue
          }
          const batch = records.slice(next, next + batchSize)
          if (batch.length > 0) {
            if (!(await attempt(() => task.process(batch, new RecordingOutput(), noSignal)))) continue
            next += batch.length
          }
          committed = task.unsettled?.from ?? next
        }
        passTo(now + settleMs)
        const newest = new Map(revisions.map(({ window, revision }) => [`w${window}`, `v=${revision}`]))
        expect(store).toEqual(newest)
      },
    ),
    { numRuns: 500 },
  )
})
