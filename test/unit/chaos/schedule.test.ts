import { describe, expect, it } from 'vitest'
import type { ServiceName } from '../../../cli/services.ts'
import { type FaultKind, type PlannedFault, type Round, rounds } from '../../chaos/schedule.ts'

const kinds: readonly FaultKind[] = [
  { name: 'kill', target: 'worker' },
  { name: 'restart', target: 'kafka' },
  { name: 'crash', target: 'kafka' },
  { name: 'stop', target: 'influxdb' },
]
const services: readonly ServiceName[] = ['normalizer', 'aggregator']
const targetOf = ({ fault }: PlannedFault) => kinds.find(({ name }) => name === fault)!.target

function first(seed: number, count: number): readonly Round[] {
  const schedule = rounds(seed, kinds, services)
  return Array.from({ length: count }, () => schedule.next().value)
}

describe('rounds', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(first(7, 50)).toEqual(first(7, 50))
    expect(first(7, 50)).not.toEqual(first(8, 50))
  })

  it.each([1, 2, 3, 4, 5])(
    'deal each kind once, those of workers once a service, before any comes again (seed %i)',
    (seed) => {
      const cards = first(seed, 40).flatMap(({ faults }) => faults)
      for (let from = 0; from + 5 <= cards.length; from += 5) {
        const dealt = cards.slice(from, from + 5).map(({ fault, service }) => `${fault} ${service ?? ''}`)
        expect(dealt.sort()).toEqual(['crash ', 'kill aggregator', 'kill normalizer', 'restart ', 'stop '])
      }
    },
  )

  it('bring two at once now and then, never to the same server', () => {
    const pairs = first(3, 300).filter(({ faults }) => faults.length === 2)
    expect(pairs.length).toBeGreaterThan(50)
    for (const { faults } of pairs) {
      const [one, other] = faults.map(targetOf)
      expect(one === other && one !== 'worker').toBe(false)
    }
  })
})
