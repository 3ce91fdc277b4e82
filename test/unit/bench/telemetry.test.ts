import { describe, expect, it } from 'vitest'
import { thingsIn } from '../../../bench/harness/count-things.ts'
import { allTelemetry } from '../../../bench/telemetry/registry.ts'
import { nameOf, type RawMessage, type Telemetry } from '../../../bench/telemetry/telemetry.ts'
import { FormatChoice } from '../../../services/normalizer/format-choice.ts'
import { formats } from '../../../services/normalizer/formats/registry.ts'
import { Payload } from '../../../services/normalizer/payload.ts'
import { createLogger } from '../../../shared/observability/logger.ts'
import { normalize, now } from '../../support/normalize.ts'
import { seededRandom } from '../../support/random.ts'
import { topics } from '../../support/task-context.ts'

/** The first of a moment. */
function messagesOf(telemetry: Telemetry, number = 0, random = seededRandom(1)): readonly RawMessage[] {
  const taken: RawMessage[] = []
  for (const message of telemetry.messages({ number, timeMs: now - 60_000 + number * 10_000 }, random)) {
    taken.push(message)
    if (taken.length === 250) break
  }
  return taken
}
const bytesOf = ({ value }: RawMessage) => Buffer.from(value as string)
const headersOf = ({ contentType }: Telemetry): Record<string, Buffer> =>
  contentType ? { 'content-type': Buffer.from(contentType) } : {}

describe('the telemetry of benchmarks', () => {
  it('is of every format', () => {
    expect(new Set(allTelemetry.map(({ format }) => format))).toEqual(
      new Set(formats.map(({ name }) => name)),
    )
  })

  describe.each(allTelemetry.map((telemetry) => ({ name: nameOf(telemetry), telemetry })))(
    'of $name',
    ({ telemetry }) => {
      const messages = messagesOf(telemetry)

      it('is recognized by every message', () => {
        const choice = new FormatChoice('raw', {}, createLogger('test', 'silent'))
        const found = messages.map((message) =>
          choice.of(new Payload(bytesOf(message), headersOf(telemetry))),
        )
        expect(new Set(found.map(({ name }) => name))).toEqual(new Set([telemetry.format]))
      })

      it('becomes as many points, log events or spans as it says, and nothing of it is refused', () => {
        const { out, task } = normalize(messages.map(bytesOf), { headers: headersOf(telemetry) })
        for (const { act } of task.quiet) act(out)
        expect(out.rejected).toEqual([])
        const sent = out.of<unknown>(topics[telemetry.makes]).map(thingsIn[telemetry.makes])
        expect(sent.reduce((sum, count) => sum + count, 0)).toBe(
          messages.reduce((sum, { things }) => sum + things, 0),
        )
      })

      it('is the same in every run, and another at every moment', () => {
        const texts = (all: readonly RawMessage[]) =>
          all.map((message) => bytesOf(message).toString('latin1'))
        const random = seededRandom(1)
        expect(texts(messagesOf(telemetry, 0, random))).toEqual(texts(messages))
        expect(texts(messagesOf(telemetry, 1, random))).not.toEqual(texts(messages))
      })
    },
  )
})
