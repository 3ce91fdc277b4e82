import { hash } from 'node:crypto'
import type { Anomaly, Contribution, Deploy, Series, ToldEpisode } from '../../../shared/avro/types.ts'
import { keyOf } from '../../../shared/series/known-series.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import type { SeriesDetectorKind } from '../series-detector.ts'
import { directionOf } from './direction.ts'
import { sentenceOf } from './sentence.ts'
import { type Rarities, severityOf } from './severity.ts'

/** What an episode is of, and who found it. */
interface Finding {
  readonly series: Series
  readonly statistic: string
  readonly sizeMs: number
  readonly kind: SeriesDetectorKind
  readonly rarities: Rarities
  /** How many siblings it was compared with, if it was. */
  readonly peers?: number
  /** Whether it is of several fields together, which are named in place of the models. */
  readonly isTogether?: boolean
}

/** The record that tells of an episode. `time` is the window that it is written at, `deploy` the one shortly after which it began. */
export function anomalyOf(
  finding: Finding,
  { episode, state, revision }: ToldEpisode,
  time: EventTime,
  deploy: Deploy | null,
): Anomaly {
  const { series, statistic, sizeMs, kind, rarities, peers, isTogether } = finding
  const { start, last, windows, closedAt, peak } = episode
  // What is over, or never was, goes nowhere.
  const meeting = state === 'open' || state === 'peak' ? episode.meeting : null
  const contributions = contributionsOf(kind.models, peak.shares)
  const severity = severityOf(peak.likelihood, rarities)
  return {
    id: idOf(finding, start),
    revision,
    state,
    series,
    windowSizeMs: sizeMs,
    statistic,
    model: kind.name,
    windowStart: time,
    start,
    peak: peak.time,
    end: closedAt === null ? null : last + sizeMs,
    windows,
    kind: peak.kind,
    severity,
    direction: directionOf(peak, episode.meeting),
    value: peak.value,
    score: peak.score,
    likelihood: peak.likelihood,
    surprise: peak.surprise,
    expected: peak.expected,
    lower: peak.lower,
    upper: peak.upper,
    contributions,
    limit: meeting?.limit ?? null,
    reachesLimitAt: meeting?.at ?? null,
    reachesLimitEarliest: meeting?.earliest ?? null,
    reachesLimitLatest: meeting?.latest ?? null,
    deploy,
    message: sentenceOf({
      ...(isTogether && { together: contributions.map(({ model }) => model) }),
      series,
      statistic,
      sizeMs,
      episode,
      state,
      severity,
      meeting,
      time,
      deploy,
      peers,
    }),
  }
}

/** A series may be unlike itself and unlike its peers at the same time, and an entity may be called like a series. */
const idOf = ({ series, statistic, sizeMs, peers, isTogether }: Finding, start: EventTime) => {
  const what = isTogether ? 'together:' : peers === undefined ? '' : 'peers:'
  return hash('sha1', `${what}${sizeMs}:${statistic}:${start}:${keyOf(series)}`, 'base64url')
}

/** Those that have something to say. */
const contributionsOf = (models: readonly string[], shares: readonly number[]): readonly Contribution[] =>
  models
    .map((model, i) => ({ model, share: shares[i] ?? 0 }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share)
