import fc from 'fast-check'
import type { NormalizerTask } from '../../services/normalizer/normalizer-task.ts'
import type { StreamRecord } from '../../shared/stream/task.ts'
import { feed, type Quiet, restart, withCrashes } from './aggregator.ts'
import { now } from './normalize.ts'
import { RecordingOutput } from './recording-output.ts'
import { record } from './task-context.ts'

interface Run {
  readonly out: RecordingOutput
  readonly task: NormalizerTask
}

/** What comes of a log without and with crashes right after commits at these places, and the tasks that were there at the end. */
export function runWithCrashes(
  log: readonly (StreamRecord<Buffer | null> | Quiet)[],
  crashes: readonly number[],
  create: (memo?: string) => NormalizerTask,
): { readonly undisturbed: Run; readonly survived: Run } {
  const undisturbed = { out: new RecordingOutput(), task: create() }
  feed<Buffer | null>(undisturbed.task, log, undisturbed.out)
  undisturbed.task.beforeCommit(undisturbed.out)
  const survived = { out: new RecordingOutput(), task: create() }
  withCrashes(
    log,
    crashes,
    (from, to) => feed<Buffer | null>(survived.task, log.slice(from, to), survived.out),
    (at) => {
      const next = restart<Buffer | null>(survived.task, log.slice(0, at), survived.out, create)
      if (next) survived.task = next as NormalizerTask
    },
  )
  survived.task.beforeCommit(survived.out)
  return { undisturbed, survived }
}

interface Coming {
  readonly what: fc.Arbitrary<{ readonly value: string; readonly headers: Readonly<Record<string, Buffer>> }>
  readonly source: fc.Arbitrary<number>
  /** By which the broker's clock goes on before it, milliseconds. */
  readonly apart: fc.Arbitrary<number>
  /** Offsets in front of it that have no record. */
  readonly gap: fc.Arbitrary<number>
}

/** A partition's log: records of some sources, of which the clock now and then goes on, and quiet times. */
export const anyRawLog = (coming: Coming, quietMs: number) =>
  fc
    .array(
      fc.oneof(
        { weight: 12, arbitrary: fc.record({ ...coming }) },
        { weight: 1, arbitrary: fc.constant('quiet' as const) },
      ),
      { minLength: 1, maxLength: 60 },
    )
    .map((entries) => {
      let offset = 0
      let timestamp = now
      return entries.map((entry) => {
        // What comes after a quiet time comes later by the broker's clock too.
        if (entry === 'quiet') {
          timestamp += quietMs
          return entry
        }
        const { what, source, apart, gap } = entry
        timestamp += apart
        offset += 1 + gap
        return record<Buffer | null>(offset, Buffer.from(what.value), {
          topic: 'raw',
          timestamp,
          key: Buffer.from(`s${source}`),
          headers: what.headers,
        })
      })
    })
