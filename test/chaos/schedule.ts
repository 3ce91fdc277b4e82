import type { ServiceName } from '../../cli/services.ts'
import { seededRandom } from '../support/random.ts'

/** What a fault is done to: two faults at once never have the same target, unless it is a worker. */
type Target = 'worker' | 'kafka' | 'registry' | 'influxdb' | 'elasticsearch'

export interface FaultKind<Name extends string = string> {
  readonly name: Name
  readonly target: Target
}

export interface PlannedFault<Name extends string = string> {
  readonly fault: Name
  /** Of the worker; absent for servers. */
  readonly service?: ServiceName
  /** Decides the rest: which worker, how long. */
  readonly seed: number
}

/** Faults that come at the same time, after a pause. */
export interface Round<Name extends string = string> {
  readonly pauseMs: number
  readonly faults: readonly PlannedFault<Name>[]
}

const maxPauseMs = 4_000
const pairShare = 0.5

/**
 * An endless schedule, the same for the same seed. Kinds are dealt like cards: each comes once before any comes again,
 * with the cards of the workers once for each service.
 */
export function* rounds<Name extends string>(
  seed: number,
  kinds: readonly FaultKind<Name>[],
  services: readonly ServiceName[],
): Generator<Round<Name>> {
  const random = seededRandom(seed)
  const targets = new Map(kinds.map(({ name, target }) => [name, target]))
  const draw = (): PlannedFault<Name>[] =>
    shuffled(
      kinds.flatMap(({ name, target }) =>
        target === 'worker' ? services.map((service) => ({ fault: name, service })) : [{ fault: name }],
      ),
      random,
    ).map((card) => ({ ...card, seed: Math.floor(random() * 2 ** 32) }))
  let cards: PlannedFault<Name>[] = []
  for (;;) {
    if (cards.length === 0) cards = draw()
    const first = cards.shift()!
    const target = targets.get(first.fault)!
    const second =
      random() < pairShare
        ? cards.findIndex(({ fault }) => target === 'worker' || targets.get(fault) !== target)
        : -1
    yield {
      pauseMs: Math.floor(random() * maxPauseMs),
      faults: second < 0 ? [first] : [first, ...cards.splice(second, 1)],
    }
  }
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  const result = [...items]
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[result[i], result[j]] = [result[j]!, result[i]!]
  }
  return result
}
