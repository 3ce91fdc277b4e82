import type { NormalizerTask } from '../../services/normalizer/normalizer-task.ts'
import type { StreamRecord } from '../../shared/stream/task.ts'
import { feed, type Quiet, restart, withCrashes } from './aggregator.ts'
import { RecordingOutput } from './recording-output.ts'

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
