/** Segments of a route; what is deeper is left open. */
const maxSegments = 8
/** Characters of a segment that is a word; longer ones are data. */
const maxSegmentLength = 64

const identifier = '{id}'

/**
 * The route of a path, as far as the path alone tells: what looks like an identifier becomes `{id}`. It depends on
 * nothing else, so a path has the same route everywhere and at every replay.
 */
export function routeOf(path: string): string {
  let route = ''
  let from = 0
  for (let count = 0; from < path.length; ) {
    const slash = path.indexOf('/', from)
    const to = slash < 0 ? path.length : slash
    const segment = withoutParameters(path, from, to)
    if (segment !== '') {
      if (count++ === maxSegments) return `${route}/*`
      route += `/${templateOf(segment)}`
    }
    from = to + 1
  }
  return route || '/'
}

/** A little more than the longest segment is enough. Behind a semicolon are parameters, such as a session's. */
function withoutParameters(path: string, from: number, to: number): string {
  const segment = path.slice(from, Math.min(to, from + maxSegmentLength + 1))
  const at = segment.indexOf(';')
  return at < 0 ? segment : segment.slice(0, at)
}

/** The path in a URL, or in the target of a request, without query and fragment. */
export function pathOf(target: string): string {
  const [, path = ''] = /^(?:[a-z][a-z\d+.-]{0,20}:\/\/[^/?#]*)?([^?#]*)/i.exec(target) ?? []
  return path || '/'
}

/** Names of operations that hold paths or identifiers, such as `get /users/17`. */
export function operationNameOf(name: string): string {
  const words = name.slice(0, 200).split(/([ /])/, 2 * maxSegments)
  return words.map(templateOf).join('')
}

/** Of one segment, or the word of a name. */
function templateOf(segment: string): string {
  if (segment.length > maxSegmentLength || isIdentifier(segment)) return identifier
  if (!/\d/.test(segment)) return segment
  return segment.replace(/[^.,:~_{}-]+/g, (part, at) => (isIdentifierInside(part, at) ? identifier : part))
}

const uuid = /^\{?[\da-f]{8}-[\da-f]{4}-[\da-f]{4}(?:-[\da-f]+)*-?\}?$/i
/** Numbers, dates, versions and addresses. */
const numbers = /^[+.,:~_-]*\d[+\d.,:~_-]*$/

function isIdentifier(text: string): boolean {
  // What is encoded, an address, or an assignment.
  if (/[%@=+]/.test(text)) return true
  return numbers.test(text) || uuid.test(text) || isHexId(text) || isToken(text)
}

/** Behind a hyphen and the like, short numbers belong to the word: `utf-8`, `v1.2`. */
const isIdentifierInside = (part: string, at: number) =>
  (at === 0 ? /^\d+$/ : /^\d{3,}$/).test(part) || isHexId(part) || isToken(part)

/** A hash, an id of a trace or of MongoDB: words of the letters a to f have no digits. */
const isHexId = (text: string) => text.length >= 8 && /^(?:0x)?[\da-f]+$/i.test(text) && /\d/.test(text)

/** ULIDs, nanoids, base64, and slugs with a number: long, and digits among letters. */
const isToken = (text: string) => text.length >= 16 && /^[\w~.-]+$/.test(text) && /\d\D*\d\D*\d/.test(text)
