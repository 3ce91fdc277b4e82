import { expect, it } from 'vitest'
import { windowLine } from '../../../../services/influx-sink/lines.ts'
import { windowAt } from '../../../support/detector.ts'

const exemplar = { traceId: '5b8efff798038103', spanId: 'a"b', value: 7.5, time: 1_700_000_000_123 }

it('a window has its exemplar beside its figures', () => {
  const line = windowLine({ ...windowAt(0, 5), exemplar })
  expect(line).toContain(
    ',exemplar_trace_id="5b8efff798038103",exemplar_span_id="a\\"b",exemplar_value=7.5,exemplar_time=1700000000123i,revision=0i ',
  )
})

it('an exemplar without a span leaves none of another one behind', () => {
  expect(windowLine({ ...windowAt(0, 5), exemplar: { ...exemplar, spanId: null } })).toContain(
    ',exemplar_span_id="",',
  )
})

it('a window without an exemplar says nothing of one', () => {
  expect(windowLine(windowAt(0, 5))).not.toContain('exemplar')
})
