import type { LetterPlace } from '../../../../cli/deadletter/filter.ts'
import type { DeadLetter } from '../../../../shared/avro/types.ts'

/** A dead letter that differs from others in what is given only. */
export const letterOf = (given: Partial<DeadLetter> = {}): DeadLetter => ({
  stage: 'normalizer',
  reason: 'unparseable',
  detail: 'line 1: there is no value',
  topic: 'raw.metrics',
  partition: 1,
  offset: 7,
  timestamp: Date.parse('2026-01-01T00:00:00Z'),
  key: null,
  value: Buffer.from('cpu,host=a'),
  headers: [],
  rejections: [],
  tenant: null,
  ...given,
})

export const placeOf = (offset: number, timestamp = Date.parse('2026-01-01T00:00:01Z')): LetterPlace => ({
  topic: 'telemetry.deadletter',
  partition: 0,
  offset,
  timestamp,
})
