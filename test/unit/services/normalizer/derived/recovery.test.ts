import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NormalizerTask } from '../../../../../services/normalizer/normalizer-task.ts'
import { normalizerDefaults, now, pointsOf } from '../../../../support/normalize.ts'
import { runWithCrashes } from '../../../../support/normalizer-recovery.ts'
import type { RecordingOutput } from '../../../../support/recording-output.ts'
import { record, taskContext, topics } from '../../../../support/task-context.ts'

/** Limits that are met soon. */
const config = {
  ...normalizerDefaults,
  derivedPoints: ['accessLogs' as const, 'spans' as const],
  derivedTags: ['zone'],
  maxDerivedValues: 2,
}

const taskOf = (memo?: string) => new NormalizerTask(config, topics, taskContext({ topic: 'raw', now }), memo)

const json = { 'content-type': Buffer.from('application/json') }

const anyPath = fc.constantFrom('/a', '/b', '/c', '/d', '/a/1', '/a/2')

const anyRequest = fc
  .record({
    path: anyPath,
    status: fc.constantFrom('200', '404', '500'),
    zone: fc.constantFrom('x', 'y', 'z'),
    service: fc.constantFrom('shop', 'cart'),
  })
  .map(({ path, status, zone, service }) => ({
    value: JSON.stringify({
      '@timestamp': '2023-11-14T22:13:19Z',
      message: path,
      'service.name': service,
      'http.request.method': 'GET',
      'http.response.status_code': status,
      'http.server.request.duration': '0.5',
      'url.path': path,
      zone,
    }),
    headers: json,
  }))

const anySpan = anyPath.map((path) => ({
  value: JSON.stringify({
    traceId: '5b8efff798038103d269b633813fc60c',
    id: 'eee19b7ec3c1b174',
    kind: 'SERVER',
    timestamp: 1_699_999_999_000_000,
    duration: 250_000,
    localEndpoint: { serviceName: 'shop' },
    tags: { 'http.path': path },
  }),
  headers: json,
}))

/** Events that wait for more lines, so that the log is read again from before the last commit. */
const anyText = fc.constantFrom('INFO a', '\tat b').map((value) => ({
  value,
  headers: { 'content-type': Buffer.from('text/plain') },
}))

const anyLog = fc
  .array(fc.oneof({ weight: 4, arbitrary: anyRequest }, anySpan, anyText), { minLength: 1, maxLength: 30 })
  .map((entries) =>
    entries.map(({ value, headers }, offset) =>
      record<Buffer | null>(offset, Buffer.from(value), { topic: 'raw', timestamp: now, headers }),
    ),
  )

const outcome = (out: RecordingOutput) => ({
  points: out.of(topics.points).flatMap(pointsOf),
  logs: out.of(topics.logs).flatMap(({ logs }) => logs.map(({ id }) => id)),
})

describe('derived points', () => {
  it('are the same after crashes at any commit, each once', () => {
    fc.assert(
      fc.property(anyLog, fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), (log, crashes) => {
        const { undisturbed, survived } = runWithCrashes(log, crashes, taskOf)
        expect(outcome(survived.out)).toEqual(outcome(undisturbed.out))
        // Undefined when nothing has come since the last crash.
        const resume = survived.task.resumePoint()
        if (resume) expect(resume).toEqual(undisturbed.task.resumePoint())
      }),
      { numRuns: 150, interruptAfterTimeLimit: 30_000 },
    )
  })
})
