import type { Episode } from '../../../shared/avro/types.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import { type FreeTime, isFree } from '../calendar.ts'
import { directionOf } from '../episodes/direction.ts'
import { likelihoodOf, type Rarities } from '../episodes/severity.ts'
import { type Feedback, isConfirmed, isFarther, shiftOf } from '../markers/feedback.ts'
import type { WatchMarkers } from '../markers/marker-book.ts'
import type { Verdict } from '../series-detector.ts'

interface Settings {
  readonly sizeMs: number
  readonly rarities: Rarities
  /** After which half of what a person has said of an anomaly is forgotten. */
  readonly feedbackHalfLifeMs: number
}

/** What is known of a series besides its windows, and what follows for them: its calendar, and what was marked. */
export class Known {
  readonly #settings: Settings
  readonly #calendar: readonly FreeTime[]
  #freeTimes: readonly FreeTime[] = []
  #said: readonly Feedback[] = []

  constructor(settings: Settings, calendar: readonly FreeTime[], markers: WatchMarkers) {
    this.#settings = settings
    this.#calendar = calendar
    this.take(markers)
  }

  /** In place of what was marked before. */
  take({ freeTimes, said }: WatchMarkers): void {
    this.#freeTimes = freeTimes.length === 0 ? this.#calendar : [...this.#calendar, ...freeTimes]
    this.#said = said
  }

  /** Whether nothing of the window that starts at `time` is an anomaly. */
  isFree(time: EventTime): boolean {
    return this.#freeTimes.length > 0 && isFree(this.#freeTimes, time, this.#settings.sizeMs)
  }

  /** Whether that window is not to be learnt. `open` is the episode that goes on. */
  isExcluded(time: EventTime, open: Episode | undefined): boolean {
    return this.isFree(time) || (this.#said.length > 0 && isConfirmed(this.#said, time, open?.start))
  }

  /** Whether a verdict on that window is reason enough for an alarm; its value is NaN when it has not come. */
  isAlarm(verdict: Verdict | undefined, time: EventTime, value: number): boolean {
    if (verdict?.isSure !== true) return false
    const isRare =
      this.#said.length === 0
        ? verdict.likelihood >= likelihoodOf(this.#settings.rarities.warningOneIn)
        : this.#isRareAfterAll(verdict, time, value)
    return isRare && !this.isFree(time)
  }

  /** Where something was said of this series. */
  #isRareAfterAll(verdict: Verdict, time: EventTime, value: number): boolean {
    const { rarities, feedbackHalfLifeMs: halfLifeMs } = this.#settings
    const { kind, lower, upper, expected, meeting, surprise } = verdict
    const threshold = Math.log(rarities.warningOneIn)
    const direction = directionOf({ kind, value, lower, upper }, meeting)
    if (surprise >= threshold + shiftOf(this.#said, direction, time, { threshold, halfLifeMs })) return true
    return surprise >= threshold && isFarther(this.#said, direction, time, Math.abs(value - expected))
  }
}
