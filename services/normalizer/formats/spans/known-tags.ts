import type { Span, SpanKind, SpanStatus } from '../../../../shared/avro/types.ts'

/** What tracers without a place for it write into tags, by the names that OpenTelemetry and OpenTracing gave them. */
type KnownTags = Pick<Span, 'status' | 'statusMessage' | 'scope' | 'traceState'> & {
  /** Undefined when no tag tells it. */
  readonly kind: SpanKind | undefined
}

/** Takes those tags out of `tags`. */
export function takeKnownTags(tags: Map<string, string>): KnownTags {
  const error = take(tags, 'error')
  const status = statuses.get(take(tags, 'otel.status_code')?.toLowerCase() ?? '') ?? statusOf(error)
  const description = take(tags, 'otel.status_description')
  const library = take(tags, 'otel.library.name')
  return {
    status,
    statusMessage:
      status === 'error' ? (description ?? (isFlag(error) ? '' : (error ?? ''))) : (description ?? ''),
    scope: take(tags, 'otel.scope.name') ?? library ?? '',
    traceState: take(tags, 'w3c.tracestate') ?? '',
    kind: kindOf(take(tags, 'span.kind')),
  }
}

/** By its name in any case. */
export const kindOf = (name: string | undefined) => kinds.get(name?.toLowerCase() ?? '')

const kinds: ReadonlyMap<string, SpanKind> = new Map(
  (['internal', 'server', 'client', 'producer', 'consumer'] as const).map((kind) => [kind, kind]),
)

const statuses: ReadonlyMap<string, SpanStatus> = new Map([
  ['ok', 'ok'],
  ['error', 'error'],
])

/** A tag `error` means an error whatever it says, by Zipkin's convention; OpenTracing's may be false. */
const statusOf = (error: string | undefined): SpanStatus =>
  error === undefined || error.toLowerCase() === 'false' ? 'unset' : 'error'

const isFlag = (error: string | undefined) => error?.toLowerCase() === 'true'

function take(tags: Map<string, string>, name: string): string | undefined {
  const text = tags.get(name)
  if (text !== undefined) tags.delete(name)
  return text
}
