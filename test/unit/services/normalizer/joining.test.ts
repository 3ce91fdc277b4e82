import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NormalizerTask } from '../../../../services/normalizer/normalizer-task.ts'
import type { StreamRecord } from '../../../../shared/stream/task.ts'
import { feed } from '../../../support/aggregator.ts'
import { normalizerDefaults, now } from '../../../support/normalize.ts'
import { anyRawLog, runWithCrashes } from '../../../support/normalizer-recovery.ts'
import { RecordingOutput } from '../../../support/recording-output.ts'
import { record, taskContext, topics } from '../../../support/task-context.ts'

type Raw = StreamRecord<Buffer | null>

/** Limits that are met often, and points between, which must not be sent twice either. */
const config = {
  ...normalizerDefaults,
  formats: {},
  maxJoinedSources: 3,
  maxEventLines: 4,
  maxEventLength: 60,
}

const taskOf = (memo?: string) =>
  new NormalizerTask(config, topics, taskContext({ topic: 'raw', now: now + 1e6 }), memo)

const text = { 'content-type': Buffer.from('text/plain') }

/** Lines of programs that write heads and of programs that do not, as text and from containers, and points. */
const anyText = fc.constantFrom(
  'INFO a',
  'ERROR b',
  '\tat c',
  'Caused by: d',
  'plain',
  'Traceback (most recent call last):',
  'ValueError: e',
  '{"level":"warn","msg":"f"}',
  '',
  'INFO g\n\tat h\nplain\n  i',
  'x'.repeat(70),
)
const anyValue = fc.oneof(
  { weight: 6, arbitrary: anyText.map((value) => ({ value, headers: text })) },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom('F', 'P'), anyText).map(([tag, line]) => ({
      value: `2023-11-14T22:13:20.5Z stdout ${tag} ${line.replaceAll('\n', ' ')}`,
      headers: {},
    })),
  },
  { weight: 1, arbitrary: fc.constant({ value: 'm v=1', headers: {} }) },
  { weight: 1, arbitrary: fc.constant({ value: 'nothing that is known', headers: {} }) },
)

const anyLog = anyRawLog(
  {
    what: anyValue,
    source: fc.integer({ min: 0, max: 4 }),
    apart: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 2_500 })),
    gap: fc.constantFrom(0, 0, 0, 1),
  },
  2 * config.joinLinesMs,
)

const outcome = (out: RecordingOutput) => ({
  logs: out.of(topics.logs).flatMap(({ logs }) => logs),
  points: out.of(topics.points).flatMap(({ values }) => values),
})

describe('joining lines over records', () => {
  it('gives the same events after crashes at any commit, each once', () => {
    fc.assert(
      fc.property(anyLog, fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), (log, crashes) => {
        const { undisturbed, survived } = runWithCrashes(log, crashes, taskOf)
        expect(outcome(survived.out)).toEqual(outcome(undisturbed.out))
        // Undefined when nothing has come since the last crash.
        const resume = survived.task.resumePoint()
        if (resume) expect(resume).toEqual(undisturbed.task.resumePoint())
      }),
      { numRuns: 1_000, interruptAfterTimeLimit: 30_000 },
    )
  })

  it('gives the same events however the log is cut into batches, and with or without a quiet time’s step', () => {
    fc.assert(
      fc.property(anyLog, fc.integer({ min: 2, max: 20 }), (log, size) => {
        const one = new RecordingOutput()
        const first = taskOf()
        feed<Buffer | null>(first, [...log, 'quiet'], one)
        const records = log.filter((entry): entry is Raw => typeof entry !== 'string')
        const other = new RecordingOutput()
        const second = taskOf()
        for (let from = 0; from < records.length; from += size)
          second.process(records.slice(from, from + size), other)
        for (const { act } of second.quiet) act(other)
        const byId = (out: RecordingOutput) =>
          new Map(outcome(out).logs.map((event) => [event.id, event] as const))
        expect(byId(other)).toEqual(byId(one))
        expect(outcome(other).logs.length).toBe(byId(one).size)
      }),
      { numRuns: 500, interruptAfterTimeLimit: 30_000 },
    )
  })

  it('loses no line, whatever the limits', () => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 30 }), (texts) => {
        const out = new RecordingOutput()
        const raw = texts.map((value, offset) =>
          record<Buffer | null>(offset, Buffer.from(`${value}\n.`), {
            topic: 'raw',
            timestamp: now,
            headers: text,
          }),
        )
        const task = taskOf()
        if (raw.length > 0) task.process(raw, out)
        for (const { act } of task.quiet) act(out)
        const lines = (all: readonly string[]) =>
          all
            .join('\n')
            .split('\n')
            .filter((line) => line.trim() !== '')
        const withoutLevel = (line: string) => line.replace(/^(INFO|ERROR) /, '')
        expect(lines(outcome(out).logs.map(({ message }) => message))).toEqual(
          lines(texts.map((value) => `${value}\n.`)).map(withoutLevel),
        )
      }),
    )
  })

  it('remembers no more than a commit holds', () => {
    const task = new NormalizerTask(
      { ...config, maxJoinedSources: 150, joinLinesMs: 60_000 },
      topics,
      taskContext({ topic: 'raw', now }),
    )
    const far = 2 ** 52
    const lines = `${'\n'.repeat(50_000)}INFO x`
    for (let i = 0; i < 150; i++) {
      const at = { topic: 'raw', timestamp: now, key: Buffer.from(`s${i}`), headers: text }
      task.process([record<Buffer | null>(far + 100 * i, Buffer.from(lines), at)], new RecordingOutput())
    }
    const { memo } = task.resumePoint()!
    expect(memo.split(',').length).toBe(150)
    expect(memo.length).toBeLessThan(3_500)
  })

  it('starts without memory when the memo is damaged', () => {
    expect(() => taskOf('oops')).toThrow(RangeError)
  })
})
