import type { Fingerprint } from './fingerprint.ts'

/** What the points of a series have in common, as two words. */
export interface SeriesIdentity {
  readonly high: number
  readonly low: number
}

/** Those of log events, spans and records are other numbers, see `identities`. */
const seed = 1

export function seriesIdentity(key: string, print: Fingerprint): SeriesIdentity {
  const { high, low } = print.begin(0, seed).text(key).end()
  return { high, low }
}
