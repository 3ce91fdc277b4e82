import type { Exemplar } from '../../../../shared/avro/types.ts'
import { BadRecordError } from '../../../../shared/errors.ts'
import { higher } from '../../../../shared/points/exemplars.ts'
import type { EventTime } from '../../../../shared/stream/task.ts'
import type { Events } from '../../format.ts'
import { refusing } from '../../record-events.ts'
import type { SeriesRef } from '../../series-cache.ts'
import { requireSound } from '../../sound-histogram.ts'
import { classicHistogram, malformed, summary } from './classic-histogram.ts'
import type { SampleHead } from './sample-heads.ts'

/** More buckets, or quantiles, than any agent has. */
const maxBuckets = 5_000

/** The samples that make up one histogram or summary at one time, as far as they have come. */
interface Group {
  /** Of its first sample: where it stands for refusals. */
  readonly line: number
  readonly series: SeriesRef
  readonly isSummary: boolean
  readonly time: EventTime
  readonly bounds: number[]
  readonly values: number[]
  sum: number | undefined
  count: number | undefined
  exemplar: Exemplar | undefined
}

/** Puts the samples of the histograms and summaries of one family together. */
export class CountedGroups {
  readonly #groups = new Map<string, Group>()
  #last: Group | undefined
  #lastKey = ''

  /** Takes one of the samples of a histogram or summary. */
  add(
    head: SampleHead,
    time: EventTime,
    value: number,
    exemplar: Exemplar | undefined,
    line: number,
    events: Events,
  ): void {
    let group = head.key === this.#lastKey ? this.#last : this.#groups.get(head.key)
    if (group && group.time !== time) {
      // OpenMetrics may tell one series at several times, one after the other.
      finish(group, events)
      group = undefined
    }
    group ??= this.#begin(head, time, line)
    this.#last = group
    this.#lastKey = head.key
    if (exemplar) group.exemplar = higher(group.exemplar, exemplar)
    if (head.role === 'sum') group.sum = value
    else if (head.role === 'count') group.count = value
    else {
      group.bounds.push(head.bound)
      group.values.push(value)
    }
  }

  #begin({ key, family, series }: SampleHead, time: EventTime, line: number): Group {
    const isSummary = family?.type === 'summary'
    const group = {
      line,
      series,
      isSummary,
      time,
      bounds: [],
      values: [],
      sum: undefined,
      count: undefined,
      exemplar: undefined,
    }
    this.#groups.set(key, group)
    return group
  }

  /** Hands on what has been put together: the family is at its end. */
  finish(events: Events): void {
    if (this.#groups.size === 0) return
    for (const group of this.#groups.values()) finish(group, events)
    this.#groups.clear()
    this.#last = undefined
    this.#lastKey = ''
  }
}

function finish(group: Group, events: Events): void {
  refusing(events, group.line, () => {
    const { time, series, isSummary } = group
    const problem = events.timeProblem(time)
    if (problem) throw new BadRecordError(problem.reason, problem.detail)
    if (group.bounds.length > maxBuckets) throw malformed(`more than ${maxBuckets} buckets`)
    const { sum, count } = group
    const samples = isSummary ? summary(time, group, sum, count) : classicHistogram(time, group, sum, count)
    requireSound(samples)
    events.histogram(series, samples, group.exemplar)
  })
}
