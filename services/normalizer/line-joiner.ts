import { type LogEvent, type Place, type PlacedLog, placed } from '../../shared/logs/placed-log.ts'
import type { StreamRecord } from '../../shared/stream/task.ts'
import type { NormalizerConfig } from './config.ts'

/** A line of a log event, or a piece of one, of which the rest comes with the next. */
export interface LogLine {
  readonly text: string
  readonly isPartial: boolean
}

/** A log event that may go on: what it is depends on its lines alone. */
export interface Draft<Line extends LogLine = LogLine> {
  /** Takes the next line of the same source, unless another event begins with it. */
  add(line: Line): boolean
  /** Whether nothing can follow. */
  readonly isComplete: boolean
  event(): LogEvent
}

type JoinLimits = Pick<
  NormalizerConfig,
  'joinLinesMs' | 'maxJoinedSources' | 'maxEventLines' | 'maxEventLength'
>

/** An event waits for its next line over no more records than this, which bounds what is read again after a crash. */
const maxRecordsApart = 20_000

/** An event that waits for its next line, and where it began. */
interface Waiting extends Place {
  readonly draft: Draft
  lines: number
  length: number
}

/**
 * Joins lines that belong together, such as a stack trace's, across the records of a partition: the last event of each
 * source waits until another begins there, or it has waited long enough by the log's own time. After a restart the log
 * is read again from where the oldest waiting event began; `memo` says which events were waiting, so that exactly
 * these wait again, whatever else stands in that stretch.
 */
export class LineJoiner {
  readonly #limits: JoinLimits
  readonly #emit: (log: PlacedLog) => void
  /** By source, in the order in which they began. */
  readonly #waiting = new Map<string, Waiting>()
  /** While the log is read again: where the events began that were waiting. */
  #known: ReadonlySet<string> | undefined
  /** Meanwhile, what does not go on any more because limits were changed at the restart; it was not emitted before. */
  readonly #finishedEarly: PlacedLog[] = []

  /** Without a memo, all records are read for the first time. Throws RangeError when it is damaged. */
  constructor(limits: JoinLimits, emit: (log: PlacedLog) => void, memo?: string) {
    this.#limits = limits
    this.#emit = emit
    if (memo !== undefined) this.#known = placesIn(memo)
  }

  /** Records from now on are read for the first time. */
  resume(): void {
    if (!this.#known) return
    this.#known = undefined
    for (const log of this.#finishedEarly.splice(0)) this.#emit(log)
  }

  /** Called for each record of the partition, before its lines. */
  readFrom({ offset, timestamp }: StreamRecord<unknown>): void {
    if (this.#known || this.#waiting.size === 0) return
    for (const [source, one] of this.#waiting) {
      const isDue =
        timestamp - one.timestamp > this.#limits.joinLinesMs || offset - one.offset > maxRecordsApart
      if (!isDue) return
      this.#finish(source, one)
    }
  }

  /** A line of the record at this position, of a source whose lines are never mixed with others'; `begin` makes an event of it. */
  take<Line extends LogLine>(
    record: StreamRecord<unknown>,
    position: number,
    source: string,
    line: Line,
    begin: (line: Line) => Draft<Line>,
  ): void {
    const current = this.#waiting.get(source)
    const isKnown = this.#known?.has(placeOf(record.offset, position)) ?? false
    if (current && !isKnown && this.#goesOn(current, line)) return
    // What is not known to have been waiting was emitted before.
    if (this.#known && !isKnown && !current) return
    if (current) this.#finish(source, current)
    const { offset, timestamp } = record
    const draft = begin(line)
    const one = {
      offset,
      position,
      timestamp,
      draft,
      lines: 1,
      length: line.text.length,
    }
    this.#waiting.set(source, one)
    if (draft.isComplete) this.#finish(source, one)
    else if (this.#waiting.size > this.#limits.maxJoinedSources) this.#finishFirst()
  }

  /** Emits all that is waiting, or what is waiting of one source. */
  flush(source?: string): void {
    if (source === undefined) for (const [name, one] of this.#waiting) this.#finish(name, one)
    else {
      const one = this.#waiting.get(source)
      if (one) this.#finish(source, one)
    }
  }

  /** Emits what is waiting of some sources. */
  flushThose(isMeant: (source: string) => boolean): void {
    for (const [source, one] of this.#waiting) if (isMeant(source)) this.#finish(source, one)
  }

  /** The offset at which the first of the waiting events began. */
  get since(): number | undefined {
    return this.#waiting.values().next().value?.offset
  }

  /** Where the waiting events began; at most 18 bytes each. */
  get memo(): string {
    let before = 0
    const places: string[] = []
    for (const { offset, position } of this.#waiting.values()) {
      places.push(placeOf(offset - before, position))
      before = offset
    }
    return places.join()
  }

  #goesOn(one: Waiting, line: LogLine): boolean {
    const { maxEventLines, maxEventLength } = this.#limits
    if (one.lines >= maxEventLines || one.length + line.text.length > maxEventLength) return false
    if (!one.draft.add(line)) return false
    one.lines++
    one.length += line.text.length
    return true
  }

  #finishFirst(): void {
    for (const [source, one] of this.#waiting) {
      this.#finish(source, one)
      return
    }
  }

  #finish(source: string, { offset, position, timestamp, draft }: Waiting): void {
    this.#waiting.delete(source)
    const log = placed(draft.event(), { offset, position, timestamp })
    if (this.#known) this.#finishedEarly.push(log)
    else this.#emit(log)
  }
}

const placeOf = (offset: number, position: number) => `${offset.toString(36)}.${position.toString(36)}`

function placesIn(memo: string): ReadonlySet<string> {
  if (memo === '') return new Set()
  let offset = 0
  return new Set(
    memo.split(',').map((text) => {
      const [, apart, position] = /^([\da-z]{1,11})\.([\da-z]{1,6})$/.exec(text) ?? []
      if (apart === undefined) throw new RangeError(`“${text.slice(0, 40)}” is not where a log event began`)
      offset += Number.parseInt(apart, 36)
      return `${offset.toString(36)}.${position}`
    }),
  )
}
