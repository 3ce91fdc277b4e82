import type { Piece } from './text-pattern.ts'

/** The text with a marker in the place of each piece; pieces that touch or overlap become one. The same text without any. */
export function withoutPieces(text: string, pieces: readonly Piece[], marker: string): string {
  if (pieces.length === 0) return text
  let left = ''
  let at = 0
  for (const [from, to] of pieces.toSorted(([a], [b]) => a - b)) {
    if (to <= at) continue
    if (from > at || at === 0) left += text.slice(at, from) + marker
    at = to
  }
  return left + text.slice(at)
}
