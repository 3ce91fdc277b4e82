import type { Refusal } from '../../../shared/stream/task.ts'
import type { Tenant } from './tenant.ts'

/** Neighbours of one record that are parked for one reason. */
interface Run {
  readonly position: number
  count: number
  /** The only number of the part that is meant. */
  readonly value?: number
  readonly reason: string
}

/** More stretches than this of one record are not told apart: what comes behind them goes on. */
const maxRuns = 10_000

/** A record of which parts of many tenants are parked is kept once for each of so many, and once for all others. */
const maxTenantsApart = 8

/** The parts of one record that are parked, by tenant. */
export class ParkedParts {
  readonly #runs = new Map<Tenant | undefined, Run[]>()
  /** Where the last parked part is. */
  #open: { readonly tenant: Tenant | undefined; readonly run: Run } | undefined
  #count = 0

  /** Whether so many more stretches, or single numbers, can be told. */
  hasRoomFor(more: number): boolean {
    return this.#count + more <= maxRuns
  }

  get isEmpty(): boolean {
    return this.#count === 0
  }

  /** The next part is parked; of one that comes again for some of its numbers, these. */
  add(position: number, of: Tenant, reason: string, values?: ReadonlySet<number>): void {
    const tenant = this.#runs.has(of) || this.#runs.size < maxTenantsApart ? of : undefined
    const last = this.#open
    if (
      last &&
      !values &&
      last.tenant === tenant &&
      last.run.reason === reason &&
      goesOn(last.run, position)
    ) {
      last.run.count++
      return
    }
    this.#open = undefined
    if (values) for (const value of values) this.#begin({ position, count: 1, value, reason }, tenant)
    else this.#open = { tenant, run: this.#begin({ position, count: 1, reason }, tenant) }
  }

  /** What is parked of the record, undefined for tenants that are not told apart; then it is empty again. */
  take(): ReadonlyMap<Tenant | undefined, readonly Refusal[]> {
    const taken = new Map(
      [...this.#runs].map(([tenant, runs]) => [tenant, runs.map((run) => ({ ...run, detail: '' }))] as const),
    )
    this.#runs.clear()
    this.#open = undefined
    this.#count = 0
    return taken
  }

  #begin(run: Run, tenant: Tenant | undefined): Run {
    const runs = this.#runs.get(tenant)
    if (runs) runs.push(run)
    else this.#runs.set(tenant, [run])
    this.#count++
    return run
  }
}

/** Nothing lies between them that was taken. */
const goesOn = (run: Run, position: number) => position === run.position + run.count
