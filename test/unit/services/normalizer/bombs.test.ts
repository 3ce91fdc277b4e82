import { describe, expect, it } from 'vitest'
import { NormalizerTask } from '../../../../services/normalizer/normalizer-task.ts'
import type { Output, StreamRecord } from '../../../../shared/stream/task.ts'
import { bombs } from '../../../fuzz/bombs.ts'
import { normalizerDefaults, now } from '../../../support/normalize.ts'
import { record, taskContext, topics } from '../../../support/task-context.ts'

/** Records that may come of one: 8 times 16 MiB in records of 400 kB and more, and some that are not full. */
const maxRecords = 500

/** On a busy machine; most take less than one. */
const maxCpuSeconds = 10

describe('a record that would become too much', () => {
  it.each(bombs.map((bomb) => [bomb.format ?? 'of no configured format', bomb.name, bomb] as const))(
    'ends as it must, within limits (%s): %s',
    (_, name, { format, bytes, headers = {}, ends }) => {
      const formats: Record<string, string> = format === undefined ? {} : { raw: format }
      const task = new NormalizerTask(
        { ...normalizerDefaults, formats },
        topics,
        taskContext({ topic: 'raw', now }),
      )
      const out = new CountingOutput()
      const input = record(0, bytes(), { topic: 'raw', timestamp: now, headers })
      expect(input.value.length, 'is read at all').toBeLessThanOrEqual(normalizerDefaults.maxMessageBytes)
      const before = process.threadCpuUsage()
      task.process([input], out)
      task.beforeCommit(out)
      const { user, system } = process.threadCpuUsage(before)
      expect((user + system) / 1e6, `${name} takes too long`).toBeLessThan(maxCpuSeconds)
      expect(out.records).toBeLessThan(maxRecords)
      expect(out.end).toBe(ends)
    },
  )
})

/** Keeps nothing: what a bomb becomes would not fit into the memory of a test. */
class CountingOutput implements Output {
  readonly isDiscarded = false
  records = 0
  readonly #reasons: string[] = []

  /** Why the record was refused, or that it was read. */
  get end(): string {
    return this.#reasons.join() || (this.records > 0 ? 'read' : 'nothing')
  }

  send(): void {
    this.records++
  }

  keep(): void {}

  reject(_record: StreamRecord<unknown>, reason: string): void {
    this.#reasons.push(reason)
  }
}
