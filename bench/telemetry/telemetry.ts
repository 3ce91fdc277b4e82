/** What agents of one kind send: made of a seed, so that it is the same in every run. */
export interface Telemetry {
  /** Of the registry of formats. */
  readonly format: string
  /** What tells it from others of the same format: an encoding or a version; absent where there is but one. */
  readonly variant?: string
  readonly makes: Things
  /** What the agent says of the bytes; absent where they are recognized. */
  readonly contentType?: string
  /** Whether the last lines wait for more, so that they are not committed before nothing has come for some seconds. */
  readonly waits?: boolean
  /** All messages of one moment, in the order in which they come. `random` is asked for nothing else, moment after moment. */
  messages(moment: Moment, random: Random): Iterable<RawMessage>
}

/** What the normalizer makes of a message. */
export type Things = 'points' | 'logs' | 'spans'

/** One round of a fleet's reports: ten seconds. */
export interface Moment {
  /** From 0. */
  readonly number: number
  /** When it begins, milliseconds. */
  readonly timeMs: number
}

export const momentMs = 10_000

/** In [0, 1). */
export type Random = () => number

export interface RawMessage {
  /** What an agent keys by: its host, mostly. */
  readonly key: string
  readonly value: string | Buffer
  /** How many things are made of it. */
  readonly things: number
  /** Where the agent compresses it: the bytes without that. */
  readonly unpackedBytes?: number
}

/** As tables and options call it. */
export const nameOf = ({ format, variant }: Pick<Telemetry, 'format' | 'variant'>): string =>
  variant ? `${format} ${variant}` : format
