/** Upper bounds, seconds: from agents that send each event at once to those that were away for days. */
export const delayBounds = [0.01, 0.1, 1, 5, 10, 30, 60, 300, 1_800, 3_600, 21_600, 86_400, 604_800] as const

const boundsMs = delayBounds.map((seconds) => seconds * 1_000)

/** The bucket of a delay in milliseconds. What is below 0 comes of clocks that run ahead. */
export function delayBucket(delayMs: number): number {
  let bucket = 0
  while (bucket < boundsMs.length && delayMs > boundsMs[bucket]!) bucket++
  return bucket
}

/** How long after they happened events came, counted by hand. */
export class Delays {
  readonly counts = new Float64Array(boundsMs.length + 1)
  sumMs = 0

  add(delayMs: number, events: number): void {
    this.counts[delayBucket(delayMs)]! += events
    if (delayMs > 0) this.sumMs += delayMs * events
  }

  clear(): void {
    this.counts.fill(0)
    this.sumMs = 0
  }
}
