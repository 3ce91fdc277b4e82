import { beginsEvent, type LogEvent, type LogLine, type LogSource, logEvent } from './log-events.ts'
import { LogTail } from './log-tail.ts'

/** Lines of one event at most: what follows begins another. */
const maxLines = 500

/** Follows one log file and puts the lines of each event together. */
export class LogShipper {
  readonly #source: LogSource
  readonly #tail: LogTail
  #open: LogLine[] = []

  constructor(source: LogSource) {
    this.#source = source
    this.#tail = new LogTail(source.path)
  }

  /** The events that are complete: the last of a file is so when nothing was added since the last call. */
  async events(now: Date): Promise<readonly LogEvent[]> {
    const lines = await this.#tail.read()
    const events: LogEvent[] = []
    const finish = () => {
      if (this.#open.length > 0) events.push(logEvent(this.#open, this.#source, now))
      this.#open = []
    }
    for (const line of lines) {
      if (line.text.trim() === '') continue
      if (beginsEvent(line.text) || this.#open.length >= maxLines) finish()
      this.#open.push(line)
    }
    if (lines.length === 0) finish()
    return events
  }
}
