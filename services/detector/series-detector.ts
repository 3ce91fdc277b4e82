import type { Meeting } from '../../shared/avro/types.ts'
import type { EventTime } from '../../shared/stream/task.ts'

/** What a series did, in the words of an operator. */
const anomalyKinds = [
  'spike',
  'drop',
  'level-shift',
  'trend',
  'variance',
  'flat-line',
  'missing',
  'shape',
  'peer',
] as const

export type AnomalyKind = (typeof anomalyKinds)[number]

/** What the detector of a series thinks of one value. The same object may be given again by the next call. */
export interface Verdict {
  /** How unusual the value is, 0 or more, comparable within the series. Never NaN. */
  readonly score: number
  /** How unusual it is compared with what this series did before, in [0, 1], with the same meaning on every series. */
  readonly likelihood: number
  /** The same in nats, -ln(1 - likelihood): it goes on where a likelihood can't be told from 1. */
  readonly surprise: number
  /** What was expected in its place, NaN before anything is known. */
  readonly expected: number
  /** The range that is normal. */
  readonly lower: number
  readonly upper: number
  /** What it would be, were it an anomaly. */
  readonly kind: AnomalyKind
  /** False while the series is too young for an alarm. */
  readonly isSure: boolean
  /** How much each model has to say, in [0, 1], in the order of the ensemble's models. */
  readonly contributions: readonly number[]
  /** The limit that the series meets if it goes on as it does; absent where there is none. */
  readonly meeting?: Meeting
}

/** Where a series is going. */
export interface Heading {
  /** Where it is, without what is but noise. */
  readonly level: number
  /** Change in a millisecond, and half of the range that it is in with 95 %. */
  readonly perMs: number
  readonly margin: number
  /** How far it strays from its line: what the variance of the way to come grows by in a millisecond. */
  readonly straying: number
  /** How much more than now the season will add at a time. To be asked before the next call of any detector. */
  seasonAhead(time: EventTime): number
  /** For how long it has gone so. */
  readonly seenMs: number
  /** That this is no chance: as in a verdict, but however the series went before. */
  readonly likelihood: number
  readonly surprise: number
}

/**
 * Watches one series: online, one pass, bounded memory, no clock. What it says is a function of the calls before, so the
 * same values in the same order give the same verdicts, through `encode` and `decode` too.
 */
export interface SeriesDetector {
  /**
   * Judges a value by those before it, then learns it. Times increase. A value that is excluded (maintenance, a confirmed
   * incident) is judged but not learnt. Any double is taken: NaN and infinities are not learnt. `beside` is for detectors
   * that want more than the value.
   */
  observe(time: EventTime, value: number, isExcluded: boolean, beside?: ArrayLike<number>): Verdict
  /** Judges that nothing came up to `time`, or undefined while that is not unusual. Learns nothing. */
  silence(time: EventTime): Verdict | undefined
  /**
   * Where the series is going, as of the last value that was learnt; undefined while nothing shows that it goes one way. Absent
   * in detectors that do not follow the level.
   */
  heading?(): Heading | undefined
  /** The state in compact, versioned bytes. */
  encode(): Uint8Array
}

export interface SeriesDetectorKind {
  readonly name: string
  /** Names of what makes up `contributions`. */
  readonly models: readonly string[]
  /** `stepMs` is the distance between two values, where it is known. */
  create(stepMs?: number): SeriesDetector
  /** Throws a `BadRecordError` for bytes that `encode` did not make. */
  decode(bytes: Uint8Array): SeriesDetector
}
