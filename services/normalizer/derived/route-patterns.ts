/** Finds the route of a path among those that configuration lists. */
export class RoutePatterns {
  readonly #patterns: readonly Pattern[]

  constructor(routes: readonly string[]) {
    this.#patterns = routes.map((route) => {
      const isOpen = route.endsWith('/*')
      const segments = segmentsOf(isOpen ? route.slice(0, -1) : route)
      return { route, isOpen, segments }
    })
  }

  /** Undefined when none matches. */
  of(path: string): string | undefined {
    if (this.#patterns.length === 0) return undefined
    const segments = segmentsOf(path)
    return this.#patterns.find((pattern) => fits(pattern, segments))?.route
  }
}

interface Pattern {
  readonly route: string
  readonly segments: readonly string[]
  /** Whether more may follow. */
  readonly isOpen: boolean
}

const fits = ({ segments, isOpen }: Pattern, path: readonly string[]) =>
  (isOpen ? path.length >= segments.length : path.length === segments.length) &&
  segments.every((segment, i) => segment === path[i] || isVariable(segment))

const isVariable = (segment: string) => segment.startsWith('{') && segment.endsWith('}')

/** No route that can be given has more segments than that. */
const maxSegments = 1_024

const segmentsOf = (path: string) => path.split('/', maxSegments).filter((segment) => segment !== '')
