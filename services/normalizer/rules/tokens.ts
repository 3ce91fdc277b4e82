import type { Piece } from './text-pattern.ts'

/** The shortest of the limits in the expressions below. */
const maxFound = 4_000

/**
 * What lets its bearer in. Each begins with letters of its own and at a place where no such token goes on, so that the
 * searches together go once over the text.
 */
const shapes: readonly RegExp[] = [
  // Bearer … (RFC 6750), also without a header's name.
  /\bbearer[ :=]{1,3}(?<secret>[\w.~+/-]{16,4000}={0,2})/dgi,
  // authorization: Basic …, api_key=…, "password": "…", client-secret: …
  /(?:authorization|api[_-]?key|access[_-]?key|(?:access|auth|refresh)[_-]?token|secret|passw(?:or)?d)\\?["']?\s{0,2}[:=]\s{0,2}(?:\\?"(?<secret>(?:[^"\\]|\\.){1,4000})|'(?<secret>[^']{1,4000})|(?:(?:basic|bearer|digest|token) )?(?<secret>[^\s"'&,;]{1,4000}))/dgi,
  // JSON Web Tokens (RFC 7519): base64url of {"…
  /(?<![\w-])(?<secret>eyJ[\w-]{5,4000}\.[\w-]{5,4000}\.[\w-]{0,4000})/dg,
  // Keys of GitHub, GitLab, Slack, Stripe, npm, Google and AWS, by their published prefixes.
  /(?<![\w-])(?<secret>(?:gh[opsur]_|github_pat_|glpat-|xox[abeoprs]-|[rs]k_live_|npm_|AIza|AKIA|ASIA)[\w-]{12,4000})/dg,
  // user:password@ in addresses.
  /:\/\/[^\s/:@]{1,256}:(?<secret>[^\s/@]{1,256})@/dg,
]

/** One that is as long as an expression may take goes on to the next space or quote: the expressions need a stack as long as what they find. */
function whole(text: string, [from, to]: Piece): Piece {
  if (to - from < maxFound) return [from, to]
  const end = text.slice(to).search(/[\s"']/)
  return [from, end < 0 ? text.length : to + end]
}

/** Bearer tokens, API keys, passwords in addresses: the secret part of each, so that one still sees that there was one. */
export function tokensIn(text: string): readonly Piece[] {
  const tokens: Piece[] = []
  // exec rather than matchAll, which would copy each expression for each text.
  for (const shape of shapes) {
    shape.lastIndex = 0
    for (let found = shape.exec(text); found; found = shape.exec(text)) {
      const token = whole(text, found.indices!.groups!.secret!)
      tokens.push(token)
      // What is within it is not searched again.
      shape.lastIndex = Math.max(shape.lastIndex, token[1])
    }
  }
  return tokens
}
