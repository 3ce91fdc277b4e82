import { discarded } from '../../shared/stream/output-buffer.ts'
import type { StreamRecord, Task } from '../../shared/stream/task.ts'
import { RecordingOutput } from './recording-output.ts'

/** Takes a log with a commit after each record, and crashes after some of them, each time beginning anew from there. */
export function runWithCrashes<In>(
  create: (memo?: string) => Task<In>,
  log: readonly StreamRecord<In>[],
  crashes: readonly number[],
): RecordingOutput {
  const out = new RecordingOutput()
  const { signal } = new AbortController()
  let task = create()
  for (const [i, one] of log.entries()) {
    task.process([one], out, signal)
    task.beforeCommit?.(out)
    if (!crashes.includes(i)) continue
    const { offset, memo } = task.resumePoint!()!
    task = create(memo)
    for (const [key, value] of out.state) task.restore!(key, value)
    const again = log.slice(0, i + 1).filter((record) => record.offset >= offset)
    // What comes of it was committed before the crash.
    task.process(again, discarded, signal)
  }
  return out
}
