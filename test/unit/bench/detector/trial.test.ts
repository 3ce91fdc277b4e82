import { describe, expect, it } from 'vitest'
import { faults } from '../../../../bench/detector/faults.ts'
import { noises } from '../../../../bench/detector/noises.ts'
import { delayOf, falseAnomalies } from '../../../../bench/detector/trial.ts'
import { ensemble } from '../../../../services/detector/ensemble/ensemble.ts'

const week = { windows: 10_080, windowMs: 60_000 }

describe.each(noises)('a week of $name', (noise) => {
  it(`has ${noise.atFirst ? 'few' : 'no'} anomalies`, () => {
    const anomalies = [1, 2, 3].map((seed) => falseAnomalies(ensemble, noise, seed, week))
    expect(Math.max(...anomalies)).toBeLessThanOrEqual(noise.atFirst ?? 0)
  })

  it.each(faults.filter(({ befalls }) => !befalls || befalls(noise)))('shows a fault: $name', (fault) => {
    expect(delayOf(ensemble, noise, fault, 5, week)).toBeLessThan(fault.within)
  })
})
