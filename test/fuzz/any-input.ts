import fc from 'fast-check'
import { seededRandom } from '../support/random.ts'
import { maxInputBytes, mutations } from './mutations.ts'
import { samplesByFormat } from './samples.ts'

/** Bytes that look more or less like this format: samples with some damage, other JSON, and noise. Shrinks to the damage that matters. */
export function anyInput(format: string): fc.Arbitrary<Buffer> {
  const samples = samplesByFormat[format]
  if (!samples) throw new Error(`test/fuzz/samples.ts has no samples of ${format}: add some`)
  const others = Object.values(samplesByFormat).flat()
  const anySample = fc.constantFrom(...samples)
  const anyMutation = fc.record({
    name: fc.constantFrom(...Object.keys(mutations)),
    other: fc.oneof(
      { weight: 3, arbitrary: anySample },
      { weight: 1, arbitrary: fc.constantFrom(...others) },
    ),
    seed: fc.nat(),
  })
  const damaged = fc
    .record({ sample: anySample, damage: fc.array(anyMutation, { minLength: 1, maxLength: 5 }) })
    .map(({ sample, damage }) =>
      damage.reduce(
        (bytes, { name, other, seed }) =>
          mutations[name]!(bytes, { other, random: seededRandom(seed) }).subarray(0, maxInputBytes),
        sample,
      ),
    )
  return fc.oneof(
    { weight: 40, arbitrary: damaged },
    { weight: 1, arbitrary: fc.json().map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  )
}
