import type { ServiceName } from '../../../cli/services.ts'
import type { Crew } from '../crew.ts'
import type { Outage } from '../outage.ts'
import type { FaultKind } from '../schedule.ts'

/** What faults are done to. */
export interface Surroundings {
  readonly crew: Crew
  readonly servers: Readonly<Record<'kafka' | 'registry' | 'influxdb' | 'elasticsearch', Outage>>
  readonly sessionTimeoutMs: number
  /** No server is away for longer. */
  readonly maxOutageMs: number
  /** No service has more workers. */
  readonly mostWorkers: number
}

interface Injection extends Surroundings {
  /** Whose worker it is to be. */
  readonly service: ServiceName
  readonly random: () => number
  say(what: string): void
}

export interface Fault<Name extends string> extends FaultKind<Name> {
  /** Does it, and resolves when it is mended: everyone runs again, though not everyone need be well yet. */
  inject(injection: Injection): Promise<void>
}

/** A time between two bounds. */
export const between = (random: () => number, from: number, to: number) =>
  Math.round(from + random() * (to - from))
