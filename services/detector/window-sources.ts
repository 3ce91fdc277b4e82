import type { WindowSource, WindowStep } from '../../shared/avro/types.ts'
import type { EventTime } from '../../shared/stream/task.ts'

/** Who makes windows of this partition, and how far it has told them. */
export interface SourceClock {
  /** `points/3`. */
  readonly name: string
  watermark: EventTime
}

/** A source that is so far behind the others has stopped. */
const longAgoMs = 600_000

/** The watermarks of all that make windows of one partition. */
export class WindowSources {
  readonly #clocks = new Map<string, SourceClock>()

  /** Throws RangeError when the memo was not written by `memo()`. */
  constructor(memo = '') {
    for (const entry of memo ? memo.split(',') : []) {
      const match = /^(points|partials)\/(\d{1,6})=(-?[0-9a-z]{1,11})$/.exec(entry)
      if (!match) throw new RangeError('no watermarks of sources')
      const name = `${match[1]}/${match[2]}`
      this.#clocks.set(name, { name, watermark: Number.parseInt(match[3]!, 36) })
    }
  }

  of({ step, partition }: Pick<WindowSource, 'step' | 'partition'>): SourceClock {
    return this.named(`${step}/${partition}`)
  }

  named(name: string): SourceClock {
    let clock = this.#clocks.get(name)
    if (!clock) {
      clock = { name, watermark: -Infinity }
      this.#clocks.set(name, clock)
    }
    return clock
  }

  /**
   * How far the windows of a step have been told: the least of what its sources have told. One that has stopped long ago
   * does not count.
   */
  watermarkOf(step: WindowStep): EventTime {
    const told = [...this.#clocks.values()].filter(
      ({ name, watermark }) => watermark > -Infinity && name.startsWith(`${step}/`),
    )
    const foremost = Math.max(...told.map(({ watermark }) => watermark))
    return told.reduce(
      (least, { watermark }) => (foremost - watermark > longAgoMs ? least : Math.min(least, watermark)),
      foremost,
    )
  }

  memo(): string {
    return [...this.#clocks.values()]
      .filter(({ watermark }) => watermark > -Infinity)
      .map(({ name, watermark }) => `${name}=${watermark.toString(36)}`)
      .join(',')
  }
}
