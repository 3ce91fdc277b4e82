import type { Span } from '../../../shared/avro/types.ts'
import { databaseOperation, isDatabase } from './database.ts'
import { isHttp, sentRequest, servedRequest } from './http.ts'
import { isMessaging, messagingOperation } from './messaging.ts'
import { type Bound, errorTypeOf, type Operation, other, tagsOf } from './operation.ts'
import { operationNameOf } from './path-template.ts'
import type { RoutePatterns } from './route-patterns.ts'
import { isRpc, remoteCall } from './rpc.ts'

/**
 * What a span tells that stands between two programs; undefined for one that stays inside. gRPC goes over HTTP, so calls are
 * asked for before requests.
 */
export function operationOf(span: Span, patterns: RoutePatterns, bound: Bound): Operation | undefined {
  const { kind, attributes } = span
  if (kind === 'internal' || kind === 'unspecified') return undefined
  const hasFailed = span.status === 'error'
  if (kind === 'server') {
    if (isRpc(attributes)) return remoteCall(attributes, 'server', hasFailed)
    if (isHttp(attributes)) return servedRequest({ attributes, hasFailed }, patterns, bound)
    return unknownOperation(span, hasFailed)
  }
  if (isMessaging(attributes)) return messagingOperation(attributes, kind, hasFailed)
  if (kind === 'client') {
    if (isDatabase(attributes)) return databaseOperation(attributes, hasFailed, bound)
    if (isRpc(attributes)) return remoteCall(attributes, 'client', hasFailed)
    if (isHttp(attributes)) return sentRequest({ attributes, hasFailed }, bound)
  }
  return unknownOperation(span, hasFailed)
}

/** By the names of the Collector's span metrics connector. */
const unknownOperation = ({ name, kind, attributes }: Span, hasFailed: boolean): Operation => ({
  duration: 'traces.span.metrics.duration',
  count: { metric: 'traces.span.metrics.calls', unit: '{call}', value: 1 },
  businessErrors: 'traces.span.metrics.business_errors',
  tags: tagsOf({
    'span.name': operationNameOf(name),
    'span.kind': kind,
    'error.type': errorTypeOf(attributes) ?? (hasFailed ? other : undefined),
  }),
})
