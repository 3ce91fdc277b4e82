import { describe, expect, it } from 'vitest'
import { FormatChoice } from '../../../../services/normalizer/format-choice.ts'
import { Payload } from '../../../../services/normalizer/payload.ts'
import { createLogger } from '../../../../shared/observability/logger.ts'

describe('what is logged of a format', () => {
  it('comes once a topic and format, however many partitions have a task', () => {
    const lines: string[] = []
    const log = createLogger('test', 'info', { write: (line) => lines.push(line) })
    const [first, second, other] = ['once.a', 'once.a', 'once.b'].map(
      (topic) => new FormatChoice(topic, {}, log),
    ) as [FormatChoice, FormatChoice, FormatChoice]
    const influx = new Payload(Buffer.from('cpu,host=a v=1 1700000000000000000'), {})
    const statsd = new Payload(Buffer.from('requests:1|c'), {})
    for (const choice of [first, second, other]) expect(choice.of(influx).name).toBe('influx')
    for (const choice of [second, first]) expect(choice.of(statsd).name).toBe('statsd')
    const told = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    expect(told.map(({ topic, format, by }) => [topic, format, by])).toEqual([
      ['once.a', 'influx', 'bytes'],
      ['once.b', 'influx', 'bytes'],
      ['once.a', 'statsd', 'bytes'],
    ])
  })
})
