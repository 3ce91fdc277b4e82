import { createHash } from 'node:crypto'
import { aggregatorSection } from '../../services/aggregator/config.ts'
import { unwrap } from '../../shared/config/section.ts'
import { ConfigurationError } from '../../shared/errors.ts'
import type { Stretch } from '../../shared/replay/config.ts'
import type { Config } from '../sections.ts'

/** In the order of the flow. */
const stageNames = ['normalize', 'aggregate', 'detect', 'store'] as const
export type StageName = (typeof stageNames)[number]

/** As they stand on the command line. */
export interface ReplayOptions {
  readonly from?: string
  readonly to?: string
  readonly topics?: string
  readonly stages?: string
  readonly rate?: string
  readonly verify?: boolean
  readonly discard?: boolean
  /** Milliseconds. */
  readonly margin: number
}

/** What is to be replayed. */
export interface ReplayRequest extends Stretch {
  readonly marginMs: number
  readonly rawTopics: readonly string[]
  readonly stages: readonly StageName[]
  readonly recordsPerSecond: number | undefined
  /** How long windows of the replay take late points, milliseconds. */
  readonly latenessMs: number
  /** Of the replay's own topics and groups; the same stretch, margin and topics give the same. */
  readonly prefix: string
}

type Settings = Pick<Config, 'kafka' | 'normalizer' | 'aggregator'>

/** Reads the options and checks what needs no server. Throws ConfigurationError. */
export function parseRequest(options: ReplayOptions, config: Settings, now: number): ReplayRequest {
  const { from, to } = rangeOf(options)
  if (from >= to) throw new ConfigurationError(`--from ${iso(from)} is not before --to ${iso(to)}.`)
  const { disorderMs, latenessMs } = config.aggregator
  const settled = now - disorderMs - latenessMs
  if (to > now) throw new ConfigurationError(`--to ${iso(to)} lies in the future: it is ${iso(now)} now.`)
  if (to > settled) {
    throw new ConfigurationError(
      `--to ${iso(to)} is too fresh: the live pipeline may still change windows that end after ${iso(settled)} (aggregator.latenessMs and disorderMs).`,
    )
  }
  const rawTopics = options.topics ? list(options.topics) : config.normalizer.inputTopics
  if (rawTopics.length === 0) throw new ConfigurationError('--topics names no topic.')
  return {
    from,
    to,
    readFrom: from - options.margin,
    marginMs: options.margin,
    rawTopics,
    stages: stagesOf(options),
    recordsPerSecond: rateOf(options.rate),
    latenessMs: latenessOf(options.margin, to - from, config),
    prefix: prefixOf(config.kafka.topicPrefix, [from, to, options.margin, ...rawTopics.toSorted()]),
  }
}

/** Milliseconds of an ISO 8601 time. Throws ConfigurationError. */
export function parseTime(option: string, text: string): number {
  const time = /^\d{4}-\d\d-\d\d(T|$)/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time))
    throw new ConfigurationError(`${option} takes a time such as 2026-01-31T13:00:00Z, not “${text}”.`)
  return time
}

function rangeOf({ from, to }: ReplayOptions): { readonly from: number; readonly to: number } {
  if (from === undefined || to === undefined)
    throw new ConfigurationError(
      'A replay needs --from and --to, times such as 2026-01-31T13:00:00Z; or --deadletters.',
    )
  return { from: parseTime('--from', from), to: parseTime('--to', to) }
}

/** Each stage takes what the one before it makes, so they may only be left out from the end; `detect` is not asked for by default. */
function stagesOf({ stages, verify }: ReplayOptions): readonly StageName[] {
  if (verify && stages !== undefined)
    throw new ConfigurationError('--verify recomputes windows and writes none: leave --stages out.')
  if (verify) return ['normalize', 'aggregate']
  if (stages === undefined) return ['normalize', 'aggregate', 'store']
  const named = list(stages)
  const unknown = named.find((name) => !stageNames.includes(name as StageName))
  if (unknown !== undefined)
    throw new ConfigurationError(`--stages: there is no stage “${unknown}”: ${stageNames.join(', ')}.`)
  const chosen = stageNames.filter((name) => named.includes(name))
  for (const [index, needed] of (['normalize', 'aggregate'] as const).entries()) {
    if (chosen.length > index && chosen[index] !== needed)
      throw new ConfigurationError(`--stages: ${chosen.at(-1)} needs ${needed} before it.`)
  }
  if (chosen.length === 0) throw new ConfigurationError('--stages names no stage.')
  return chosen
}

function rateOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const rate = Number(text)
  if (!(rate > 0) || !Number.isFinite(rate))
    throw new ConfigurationError(`--rate takes records a second, such as 5000, not “${text}”.`)
  return rate
}

/** Clocks of partitions that were read to the same time are no further apart than this, milliseconds. */
const clockSlackMs = 60_000

/**
 * Late by the margin, or by the whole stretch if that is shorter, must be early enough. A clock that runs ahead closes
 * windows for the others of its partition.
 */
function latenessOf(marginMs: number, lengthMs: number, { aggregator, normalizer }: Settings): number {
  const wanted = Math.min(marginMs + normalizer.maxFutureMs, lengthMs) + clockSlackMs
  const { maxValue } = unwrap(aggregatorSection.schema.shape.latenessMs) as { maxValue?: number | null }
  if (wanted > (maxValue ?? Infinity)) {
    throw new ConfigurationError(
      `--margin ${minutes(marginMs)} is too long for a stretch of ${minutes(lengthMs)}: windows stay open for ${minutes(maxValue!)} at most. Replay it in pieces of up to ${minutes(maxValue! - clockSlackMs)}, or choose a margin of up to ${minutes(maxValue! - clockSlackMs - normalizer.maxFutureMs)}.`,
    )
  }
  return Math.max(wanted, aggregator.latenessMs)
}

/** What Kafka and the configuration leave for a prefix. */
const maxPrefixLength = 100

function prefixOf(live: string, identity: readonly (string | number)[]): string {
  const id = createHash('sha256').update(identity.join('\n')).digest('hex').slice(0, 8)
  const prefix = `${live}.replay-${id}`
  if (prefix.length > maxPrefixLength)
    throw new ConfigurationError(
      `kafka.topicPrefix has ${live.length} characters; a replay can be had with up to ${maxPrefixLength - (prefix.length - live.length)}.`,
    )
  return prefix
}

const list = (text: string) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

const iso = (time: number) => new Date(time).toISOString()
const minutes = (ms: number) => `${Math.floor(ms / 60_000)}m`
