import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalizerSection } from '../../../../../services/normalizer/config.ts'
import { NormalizerTask } from '../../../../../services/normalizer/normalizer-task.ts'
import { now, pointsOf } from '../../../../support/normalize.ts'
import { anyRawLog, runWithCrashes } from '../../../../support/normalizer-recovery.ts'
import type { RecordingOutput } from '../../../../support/recording-output.ts'
import { taskContext, topics } from '../../../../support/task-context.ts'

const config = normalizerSection.schema.parse({
  maxJoinedSources: 3,
  logRules: [{ sample: { perSecond: 3 } }],
  duplicates: { of: ['points', 'logs', 'spans'], idHeaders: ['id'], windowMs: 1_000 },
})
/** So little is remembered that generations change all the time, in the middle of joined lines as well. */
const small = { ...config, duplicates: { ...config.duplicates, maxEntries: 12 } }

const taskOf = (memo?: string) =>
  new NormalizerTask(small, topics, taskContext({ topic: 'raw', now: now + 1e6 }), memo)

const text = { 'content-type': Buffer.from('text/plain') }

const anyValue = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 })), { minLength: 1, maxLength: 4 })
      .map((found) => ({
        value: found.map(([series, ago]) => `m,s=${series} v=1 ${now - ago}000000`).join('\n'),
        headers: {},
      })),
  },
  {
    weight: 3,
    arbitrary: fc.nat({ max: 9 }).map((offset) => ({
      value: `{"@timestamp":"2023-11-14T22:13:19Z","message":"m","log":{"file":{"path":"/a"},"offset":${offset}}}`,
      headers: {},
    })),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.constantFrom('INFO a', '\tat b', 'plain', 'ERROR c\n\tat d'), fc.nat({ max: 6 }))
      .map(([value, id]) => ({
        value,
        headers: { ...text, ...(id > 0 && { id: Buffer.from(String(id)) }) },
      })),
  },
  { weight: 1, arbitrary: fc.constant({ value: 'nothing that is known', headers: {} }) },
)

const anyLog = anyRawLog(
  {
    what: anyValue,
    source: fc.nat({ max: 3 }),
    apart: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 1_500 })),
    gap: fc.constantFrom(0, 0, 1),
  },
  2 * config.joinLinesMs,
)

const outcome = (out: RecordingOutput) => ({
  points: out.of(topics.points).flatMap(pointsOf),
  logs: out.of(topics.logs).flatMap((batch) => batch.logs),
  rejected: out.rejected.map(({ offset }) => offset),
})

describe('what came before', () => {
  it('is known after crashes at any commit, as if there had been none', () => {
    fc.assert(
      fc.property(anyLog, fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), (log, crashes) => {
        const { undisturbed, survived } = runWithCrashes(log, crashes, taskOf)
        expect(outcome(survived.out)).toEqual(outcome(undisturbed.out))
        // Undefined when nothing has come since the last crash.
        const resume = survived.task.resumePoint()
        if (resume) expect(resume).toEqual(undisturbed.task.resumePoint())
      }),
      { numRuns: 500, interruptAfterTimeLimit: 30_000 },
    )
  })
})
