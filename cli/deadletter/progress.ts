import { createLogUpdate } from 'log-update'

/** How far a long scan is. */
export interface Progress {
  show(done: number, total: number): void
  close(): void
}

/** On a terminal a line that is painted over, elsewhere one each five seconds; a short scan shows nothing. */
export function startProgress(stream: NodeJS.WriteStream): Progress {
  const live = stream.isTTY ? createLogUpdate(stream) : undefined
  const everyMs = live ? 250 : 5_000
  let shownAt = Date.now() + (live ? 750 : 0)
  return {
    show(done, total) {
      const now = Date.now()
      if (now - shownAt < everyMs) return
      shownAt = now
      const text = `${Math.floor((100 * done) / total)} % of ${total.toLocaleString('en')} offsets read`
      if (live) live(text)
      else stream.write(`${text}\n`)
    },
    close() {
      live?.clear()
      live?.done()
    },
  }
}
