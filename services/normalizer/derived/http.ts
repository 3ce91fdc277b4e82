import { type Bound, errorTypeOf, type Operation, other, tagsOf, textIn } from './operation.ts'
import { pathOf, routeOf } from './path-template.ts'
import type { RoutePatterns } from './route-patterns.ts'

type Attributes = Readonly<Record<string, string>>

/** What one side of an HTTP request tells, by the names of OpenTelemetry, old and new, of Zipkin and of ECS. */
interface HttpRequest {
  readonly attributes: Attributes
  /** Whether the program itself says that it failed. */
  readonly hasFailed: boolean
}

const names = {
  method: ['http.request.method', 'http.method'],
  status: ['http.response.status_code', 'http.status_code'],
  route: ['http.route'],
  path: ['url.path', 'http.path', 'http.target', 'url.original', 'url.full', 'http.url'],
  server: ['server.address', 'net.peer.name', 'http.host', 'peer.service'],
  template: ['url.template'],
} as const

/** Whether these are attributes of an HTTP request. */
export const isHttp = (attributes: Attributes) =>
  textIn(attributes, ...names.method, ...names.status, ...names.route, ...names.path) !== undefined

const statusOf = (attributes: Attributes): string | undefined => {
  const status = textIn(attributes, ...names.status)
  return status !== undefined && /^[1-5]\d\d$/.test(status) ? status : undefined
}

/** A request that a server has answered. */
export function servedRequest(
  { attributes, hasFailed }: HttpRequest,
  patterns: RoutePatterns,
  bound: Bound,
): Operation {
  const status = statusOf(attributes)
  return {
    duration: 'http.server.request.duration',
    count: { metric: 'http.server.request.count', unit: '{request}', value: 1 },
    businessErrors: 'http.server.business_error.count',
    tags: tagsOf({
      'http.request.method': methodOf(attributes),
      'http.response.status_code': status,
      'http.route': routeIn(attributes, status, patterns, bound),
      // What a client does wrong is no error of the server.
      'error.type': errorOf(attributes, status, '5', hasFailed),
    }),
  }
}

/** A request that a client has sent. */
export function sentRequest({ attributes, hasFailed }: HttpRequest, bound: Bound): Operation {
  const status = statusOf(attributes)
  const server = textIn(attributes, ...names.server) ?? hostIn(textIn(attributes, 'url.full', 'http.url'))
  return {
    duration: 'http.client.request.duration',
    count: { metric: 'http.client.request.count', unit: '{request}', value: 1 },
    businessErrors: 'http.client.business_error.count',
    tags: tagsOf({
      'http.request.method': methodOf(attributes),
      'http.response.status_code': status,
      'server.address': server && bound('server.address', server),
      'url.template': textIn(attributes, ...names.template),
      'error.type': errorOf(attributes, status, '4', hasFailed),
    }),
  }
}

/** RFC 9110, RFC 5789, and QUERY: any other word was made up by the client. */
const methods = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
])

function methodOf(attributes: Attributes): string | undefined {
  const method = textIn(attributes, ...names.method)?.toUpperCase()
  return method === undefined || methods.has(method) ? method : other
}

/** A server that knows its routes says so; else the path has to do. */
function routeIn(
  attributes: Attributes,
  status: string | undefined,
  patterns: RoutePatterns,
  bound: Bound,
): string | undefined {
  const told = textIn(attributes, ...names.route)
  if (told !== undefined) return told
  const target = textIn(attributes, ...names.path)
  if (target === undefined) return undefined
  const path = pathOf(target)
  return patterns.of(path) ?? bound('http.route', routeOf(path), isOfRoute(status))
}

/** Whoever looks for holes asks for thousands of paths: those that there are not, and those that lead elsewhere, are no routes. */
const isOfRoute = (status: string | undefined) =>
  status === undefined || !(status.startsWith('4') || status === '301' || status === '308')

/** Of statuses from `from` hundred on. */
function errorOf(
  attributes: Attributes,
  status: string | undefined,
  from: '4' | '5',
  hasFailed: boolean,
): string | undefined {
  const told = errorTypeOf(attributes)
  if (told !== undefined) return told
  if (status !== undefined && status >= from) return status
  return hasFailed ? other : undefined
}

const hostIn = (url: string | undefined) =>
  url === undefined
    ? undefined
    : /^[a-z][a-z\d+.-]{0,20}:\/\/(?:[^/?#@]*@)?([^/?#:]+|\[[^\]]*\])/i.exec(url)?.[1]
