import { seriesKey } from '../../shared/series/series.ts'
import type { LogEvent, Point } from './telemetry.ts'

/** What was published: entered when the brokers had acknowledged it, and never before. */
export class Ledger {
  readonly #points = new Map<string, Point[]>()
  readonly #logs = new Map<number, LogEvent>()
  #pointCount = 0

  addPoints(points: readonly Point[]): void {
    for (const point of points) {
      const key = seriesKey(point)
      const known = this.#points.get(key)
      if (known) known.push(point)
      else this.#points.set(key, [point])
    }
    this.#pointCount += points.length
  }

  addLog(event: LogEvent): void {
    this.#logs.set(event.id, event)
  }

  get pointCount(): number {
    return this.#pointCount
  }

  /** The points of each series. */
  get series(): readonly (readonly Point[])[] {
    return [...this.#points.values()]
  }

  get logs(): ReadonlyMap<number, LogEvent> {
    return this.#logs
  }
}
