import type { Exemplar } from '../../../../shared/avro/types.ts'
import { BadRecordError } from '../../../../shared/errors.ts'
import { higher } from '../../../../shared/points/exemplars.ts'
import type { EventTime } from '../../../../shared/stream/task.ts'
import { exemplarOf } from '../parts/exemplar.ts'
import { isObject } from '../telegraf-json.ts'
import type { Message } from './message.ts'
import { doubleOf, idOf, integerOf, millisOf } from './values.ts'

/** That one of a data point's exemplars which is kept; those that can't be read are passed over. */
export function exemplarIn({ exemplars }: Message, time: EventTime): Exemplar | undefined {
  if (!Array.isArray(exemplars) || exemplars.length === 0) return undefined
  let kept: Exemplar | undefined
  for (const one of exemplars) {
    const exemplar = isObject(one) ? readExemplar(one, time) : undefined
    if (exemplar) kept = higher(kept, exemplar)
  }
  return kept
}

function readExemplar(message: Message, pointTime: EventTime): Exemplar | undefined {
  const traceId = idOf(message.traceId, 16)
  if (traceId === null) return undefined
  try {
    const time = millisOf(message.timeUnixNano)
    return exemplarOf(
      pointTime,
      traceId,
      idOf(message.spanId, 8) ?? '',
      measuredIn(message),
      time === 0 ? undefined : time,
    )
  } catch (error) {
    if (!(error instanceof BadRecordError)) throw error
    return undefined
  }
}

/** NaN when there is none. */
function measuredIn({ asDouble, asInt }: Message): number {
  if (asDouble !== undefined && asDouble !== null) return doubleOf(asDouble, 'asDouble')
  return asInt === undefined || asInt === null ? Number.NaN : integerOf(asInt, 'asInt')
}
