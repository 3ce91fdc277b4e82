import { describe, expect, it } from 'vitest'
import { formats } from '../../services/normalizer/formats/registry.ts'
import { passed } from '../conformance/passed.ts'
import { rows } from '../conformance/rows.ts'

describe('the table of conformance', () => {
  it('has a row for each format, in the order of the registry', () => {
    expect(rows.map(({ format }) => format)).toEqual(formats.map(({ name }) => name))
  })

  // Collections of the tests of others hold what is to be refused, too.
  it.each(rows.filter(({ format, examples }) => examples && !/statsd$/.test(format)))(
    'counts examples of $format that are all read',
    (row) => {
      expect(passed(row)).toBe(row.examples?.inputs.length)
    },
  )
})
