import type { AnomalyState, Episode, ToldEpisode } from '../../../shared/avro/types.ts'
import { isOtherMeeting } from '../limits/meeting.ts'
import { type Rarities, severityOf } from './severity.ts'

/** An open episode is told again when its score has grown by so much: a slow climb is not told window by window. */
const worthTelling = 1.25

/**
 * What is to be told of an episode, given what was told of it last, if anything. Undefined when that is still true, or
 * near enough.
 */
export function newsOf(
  episode: Episode,
  told: ToldEpisode | undefined,
  rarities: Rarities,
): AnomalyState | undefined {
  const now = episode.closedAt === null ? 'open' : 'closed'
  if (!told || told.state === 'withdrawn') return now
  if (now === 'closed')
    return told.state === 'closed' && isSame(told.episode, episode, rarities) ? undefined : 'closed'
  if (told.state === 'closed') return 'open'
  const isNews =
    isWorse(told.episode, episode, rarities) ||
    isCorrected(told.episode, episode) ||
    isOtherMeeting(told.episode.meeting, episode.meeting)
  return isNews ? 'peak' : undefined
}

/** What the next reader is to know. */
export const nextTold = (
  episode: Episode,
  state: AnomalyState,
  before: ToldEpisode | undefined,
): ToldEpisode => ({ episode, state, revision: before ? before.revision + 1 : 0 })

/** Late data elsewhere may have moved the score a little: that is not worth a word. */
const isSame = (a: Episode, b: Episode, rarities: Rarities) =>
  a.last === b.last &&
  a.windows === b.windows &&
  a.peak.time === b.peak.time &&
  a.peak.value === b.peak.value &&
  severityOf(a.peak.likelihood, rarities) === severityOf(b.peak.likelihood, rarities)

/** Where scores are 0, only a severity tells one from the other. */
const isWorse = (before: Episode, now: Episode, rarities: Rarities) =>
  severityOf(now.peak.likelihood, rarities) !== severityOf(before.peak.likelihood, rarities) ||
  (now.peak.score > before.peak.score && now.peak.score >= before.peak.score * worthTelling)

/** A peak that was told can change only by late data. */
const isCorrected = ({ peak: before }: Episode, { peak }: Episode) =>
  peak.time === before.time
    ? peak.value !== before.value
    : peak.likelihood < before.likelihood ||
      (peak.likelihood === before.likelihood && peak.score < before.score)
