import type { EventTime, ResumePoint } from '../../../shared/stream/task.ts'
import type { Level } from './level.ts'
import type { LongPane, Pane } from './window.ts'

/** All panes of a task, by level and start, and when the next of them is due. */
export class Panes {
  readonly #levels: readonly Level[]
  readonly #latenessMs: number
  readonly #short = new Map<EventTime, Pane>()
  readonly #long: ReadonlyMap<EventTime, LongPane>[]
  /** No pane ends or leaves before: most records move the watermark without any effect. */
  #nextDue: EventTime = Infinity

  constructor(levels: readonly Level[], latenessMs: number) {
    this.#levels = levels
    this.#latenessMs = latenessMs
    this.#long = levels.map(() => new Map<EventTime, LongPane>())
  }

  short(start: EventTime): Pane | undefined {
    return this.#short.get(start)
  }

  openShort(start: EventTime, resume: ResumePoint): Pane {
    const pane: Pane = { start, resume, windows: [], isClosed: false }
    this.#short.set(start, pane)
    this.#nextDue = Math.min(this.#nextDue, start + this.#levels[0]!.sizeMs)
    return pane
  }

  /** Made if it is not there; closed already, if the watermark has passed its end. */
  long(level: number, start: EventTime, watermark: EventTime): LongPane {
    const panes = this.#long[level] as Map<EventTime, LongPane>
    let pane = panes.get(start)
    if (!pane) {
      const end = start + this.#levels[level]!.sizeMs
      pane = { level, start, windows: [], isClosed: end <= watermark }
      panes.set(start, pane)
      this.#nextDue = Math.min(this.#nextDue, end)
    }
    return pane
  }

  isDue(watermark: EventTime): boolean {
    return watermark >= this.#nextDue
  }

  /** Panes of the first level that have ended and are not closed yet, oldest first. */
  ended(watermark: EventTime): readonly Pane[] {
    const { sizeMs } = this.#levels[0]!
    return byStart(
      [...this.#short.values()].filter(({ start, isClosed }) => !isClosed && start + sizeMs <= watermark),
    )
  }

  /** Of all other levels, shorter ones first. */
  longEnded(watermark: EventTime): readonly LongPane[] {
    return this.#long.flatMap((panes, level) =>
      byStart(
        [...panes.values()].filter(
          ({ start, isClosed }) => !isClosed && start + this.#levels[level]!.sizeMs <= watermark,
        ),
      ),
    )
  }

  /** Takes out the panes of the first level that accept no more points, oldest first. */
  takeExpired(watermark: EventTime): readonly Pane[] {
    return take(this.#short, watermark - this.#latenessMs - this.#levels[0]!.sizeMs)
  }

  /** Of one other level. */
  takeLongExpired(level: number, watermark: EventTime): readonly LongPane[] {
    const panes = this.#long[level] as Map<EventTime, LongPane>
    return take(panes, watermark - this.#latenessMs - this.#levels[level]!.sizeMs)
  }

  /** To be called when everything due at the watermark has been done. */
  settle(): void {
    let next = Infinity
    for (const { start, isClosed } of this.#short.values())
      next = Math.min(next, start + this.#levels[0]!.sizeMs + (isClosed ? this.#latenessMs : 0))
    for (const [level, panes] of this.#long.entries()) {
      for (const { start, isClosed } of panes.values())
        next = Math.min(next, start + this.#levels[level]!.sizeMs + (isClosed ? this.#latenessMs : 0))
    }
    this.#nextDue = next
  }

  /** The panes of the first level, oldest first. */
  get all(): readonly Pane[] {
    return byStart([...this.#short.values()])
  }

  get allLong(): readonly LongPane[] {
    return this.#long.flatMap((panes) => byStart([...panes.values()]))
  }

  get count(): number {
    return this.#short.size
  }

  /** The number of the pane of the first level that holds `start`, counted from 1970. */
  indexOf(start: EventTime): number {
    return Math.floor(start / this.#levels[0]!.stepMs)
  }
}

function take<P extends { readonly start: EventTime }>(
  panes: Map<EventTime, P>,
  upTo: EventTime,
): readonly P[] {
  const taken = byStart([...panes.values()].filter(({ start }) => start <= upTo))
  for (const { start } of taken) panes.delete(start)
  return taken
}

const byStart = <P extends { readonly start: EventTime }>(panes: P[]): readonly P[] =>
  panes.sort((a, b) => a.start - b.start)
