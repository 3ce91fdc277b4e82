import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formats } from '../../../../../services/normalizer/formats/registry.ts'
import { Payload } from '../../../../../services/normalizer/payload.ts'
import { anyInput } from '../../../../fuzz/any-input.ts'
import { hostileVariants } from '../../../../fuzz/hostile-json.ts'
import { samplesByFormat } from '../../../../fuzz/samples.ts'
import { Trial } from '../../../../fuzz/trial.ts'

const names = formats.map(({ name }) => name)

/** The smallest sample in JSON, and two elements of it if it is a list: what is in larger ones repeats. Undefined when there is none. */
function documentOf(name: string): unknown {
  const all = samplesByFormat[name]!.toSorted((a, b) => a.length - b.length)
  const json = all.map((bytes) => new Payload(bytes, {}).jsonOrNothing()).find((one) => one !== undefined)
  return Array.isArray(json) ? json.slice(0, 2) : json
}

describe('damaged samples', () => {
  it('are there of each format', () => {
    expect(Object.keys(samplesByFormat).toSorted()).toEqual(names.toSorted())
  })

  it.each(names)('of %s are read or refused, within limits', (name) => {
    const configured = new Trial(name)
    const recognized = new Trial(undefined)
    const property = fc.property(anyInput(name), (input) => {
      configured.run(input)
      recognized.run(input)
    })
    // Reproducible: how CPU time is measured must not make a run fail that went well yesterday.
    fc.assert(property, { seed: 1, numRuns: 300 })
  })

  it.each(names.filter((name) => documentOf(name) !== undefined))(
    'of %s with a hostile value in each place are read or refused, within limits',
    (name) => {
      const configured = new Trial(name)
      const recognized = new Trial(undefined)
      for (const text of hostileVariants(documentOf(name))) {
        configured.run(Buffer.from(text))
        recognized.run(Buffer.from(text))
      }
    },
  )
})
