import type { EventTime } from '../../../../shared/stream/task.ts'
import type { CountedSamples } from '../../format.ts'
import { classicHistogram, malformed, summary, type Table } from './classic-histogram.ts'
import { exponentialHistogram, type Span } from './native-histogram.ts'

/**
 * A whole histogram or summary as the value of one sample, as in the draft of OpenMetrics 2.0:
 * `{count:3,sum:9,bucket:[1:2,+Inf:3]}`, `{count:3,sum:9,quantile:[0.5:3]}`, or a native one,
 * `{count:3,sum:9,schema:0,zero_threshold:1e-4,zero_count:0,positive_spans:[0:2],positive_buckets:[2,1]}`; that of a
 * gaugehistogram begins with gcount and gsum. Native buckets go before classic ones. Throws BadRecordError.
 */
export function parseComposite(text: string, time: EventTime): CountedSamples {
  const fields = fieldsOf(text)
  const count = numberIn(fields.get('count') ?? fields.get('gcount'))
  const sum = numberIn(fields.get('sum') ?? fields.get('gsum'))
  if (fields.has('schema')) {
    return exponentialHistogram({
      time,
      schema: numberIn(fields.get('schema')) ?? Number.NaN,
      count: count ?? Number.NaN,
      sum,
      zeroCount: numberIn(fields.get('zero_count')) ?? 0,
      positive: {
        spans: spansIn(fields.get('positive_spans')),
        counts: listIn(fields.get('positive_buckets')).map(numberFrom),
      },
      negative: {
        spans: spansIn(fields.get('negative_spans')),
        counts: listIn(fields.get('negative_buckets')).map(numberFrom),
      },
    })
  }
  const quantiles = fields.get('quantile')
  return quantiles === undefined
    ? classicHistogram(time, tableIn(fields.get('bucket')), sum, count)
    : summary(time, tableIn(quantiles), sum, count)
}

/** A key, and a number or a list in brackets. */
const field = /([a-z_]+):(\[[^\]]*\]|[^,[\]{}]+)(,|$)/y

function fieldsOf(text: string): ReadonlyMap<string, string> {
  const inside = text.slice(1, -1)
  const fields = new Map<string, string>()
  field.lastIndex = 0
  while (field.lastIndex < inside.length) {
    const found = field.exec(inside)
    if (!found) throw malformed(`“${text.slice(0, 80)}” is no list of fields`)
    fields.set(found[1]!, found[2]!)
  }
  return fields
}

const listIn = (text: string | undefined): readonly string[] => {
  const inside = text?.slice(1, -1) ?? ''
  return inside === '' ? [] : inside.split(',')
}

const numberIn = (text: string | undefined) => (text === undefined ? undefined : numberFrom(text))

function numberFrom(text: string): number {
  if (/^\+?inf(inity)?$/i.test(text)) return Infinity
  if (text.trim() === '') throw malformed('a number is missing')
  return Number(text)
}

const pairsIn = (text: string | undefined) =>
  listIn(text).map((pair): readonly [number, number] => {
    const [left = '', right = ''] = pair.split(':', 2)
    return [numberFrom(left), numberFrom(right)]
  })

const spansIn = (text: string | undefined): readonly Span[] =>
  pairsIn(text).map(([offset, length]) => ({ offset, length }))

function tableIn(text: string | undefined): Table {
  const pairs = pairsIn(text)
  return { bounds: pairs.map(([bound]) => bound), values: pairs.map(([, value]) => value) }
}
