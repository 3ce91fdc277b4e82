import type { Piece } from './text-pattern.ts'

/** Longest parts before and behind the @ (RFC 5321, 4.5.3.1). */
const maxLocal = 64
const maxDomain = 255

/** Without what may stand there by the letter (RFC 5322) but ends an address in queries and paths: / ? = & { | } and quotes. */
const inLocal = /[\p{L}\p{N}.!#$%*+^_~-]/u
const domain = /[\p{L}\p{N}][\p{L}\p{N}.-]*\.[\p{L}\p{N}-]*[\p{L}\p{N}]/uy

/** E-mail addresses, found from their @ outwards, so that a text without one costs nothing. */
export function emailsIn(text: string): readonly Piece[] {
  const emails: Piece[] = []
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    let from = at
    while (from > 0 && at - from < maxLocal && inLocal.test(text[from - 1]!)) from--
    if (from === at) continue
    const after = text.slice(at + 1, at + 1 + maxDomain)
    domain.lastIndex = 0
    const found = domain.exec(after)
    if (found) emails.push([from, at + 1 + found[0].length])
  }
  return emails
}
