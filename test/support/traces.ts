import { typeIn } from '../../services/normalizer/protobuf/message-type.ts'

type Json = Readonly<Record<string, unknown>>

/** Spans of Zipkin's JSON, version 2, as a list in protobuf. */
export const zipkinProtobuf = (spans: readonly Json[]) =>
  encoded('zipkin.proto', 'zipkin.proto3.ListOfSpans', {
    spans: spans.map((span) => ({
      ...span,
      traceId: bytesOf(span.traceId),
      parentId: bytesOf(span.parentId),
      id: bytesOf(span.id),
      localEndpoint: endpointOf(span.localEndpoint as Json | undefined),
      remoteEndpoint: endpointOf(span.remoteEndpoint as Json | undefined),
    })),
  })

/** A message of Jaeger's model; its ids, and all other bytes, are in base64. */
export const jaegerProtobuf = (name: 'Span' | 'Batch', json: Json) =>
  encoded('jaeger/api_v2/model.proto', `jaeger.api_v2.${name}`, json)

function encoded(file: string, name: string, json: Json): Buffer {
  const type = typeIn(file, name)
  return Buffer.from(type.encode(type.fromObject(json)).finish())
}

const bytesOf = (digits: unknown) => (typeof digits === 'string' ? Buffer.from(digits, 'hex') : undefined)

const endpointOf = (endpoint: Json | undefined) =>
  endpoint && {
    ...endpoint,
    ipv4: typeof endpoint.ipv4 === 'string' ? Buffer.from(endpoint.ipv4.split('.').map(Number)) : undefined,
    ipv6: typeof endpoint.ipv6 === 'string' ? ipv6Of(endpoint.ipv6) : undefined,
  }

function ipv6Of(text: string): Buffer {
  const [before, after] = text.split('::').map((part) =>
    part
      .split(':')
      .map((group) => (group === '' ? '' : group.padStart(4, '0')))
      .join(''),
  )
  return Buffer.from(after === undefined ? before! : before!.padEnd(32 - after.length, '0') + after, 'hex')
}
