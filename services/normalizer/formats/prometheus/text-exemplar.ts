import type { Exemplar } from '../../../../shared/avro/types.ts'
import { BadRecordError } from '../../../../shared/errors.ts'
import type { EventTime } from '../../../../shared/stream/task.ts'
import { exemplarOf } from '../parts/exemplar.ts'
import { timeFromNumber } from '../parts/timestamp.ts'
import { parseNameAndLabels } from './labels.ts'

/** Longer ones are no exemplars: OpenMetrics allows labels of 128 characters. */
const maxLength = 1_000

const traceNames: ReadonlySet<string> = new Set(['trace_id', 'traceID', 'traceId'])
const spanNames: ReadonlySet<string> = new Set(['span_id', 'spanID', 'spanId'])

/**
 * The exemplar behind a sample, `# {trace_id="…",span_id="…"} value time`, as OpenMetrics has it; undefined when it can't be
 * read, or names no trace.
 */
export function textExemplar(text: string, pointTime: EventTime): Exemplar | undefined {
  const opening = text.indexOf('{')
  // A value in the labels may hold braces; behind them there are none.
  const closing = text.lastIndexOf('}')
  if (text.length > maxLength || opening < 0 || closing < opening) return undefined
  const [value, time, ...more] = text
    .slice(closing + 1)
    .trim()
    .split(/[ \t]+/)
  if (!value || more.length > 0) return undefined
  const labels = labelsIn(text.slice(opening, closing + 1))
  const named = (names: ReadonlySet<string>) => labels.find(({ key }) => names.has(key))?.value ?? ''
  const ownTime = time === undefined ? undefined : timeFromNumber(Number(time))
  return exemplarOf(pointTime, named(traceNames), named(spanNames), Number(value), ownTime)
}

function labelsIn(text: string): ReturnType<typeof parseNameAndLabels>['labels'] {
  try {
    // They stand as those of a sample do, which has a name in front.
    return parseNameAndLabels(`exemplar${text}`).labels
  } catch (error) {
    if (!(error instanceof BadRecordError)) throw error
    return []
  }
}
