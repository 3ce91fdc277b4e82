import { errorTypeOf, type Operation, other, tagsOf, textIn } from './operation.ts'

type Attributes = Readonly<Record<string, string>>

const systems = ['rpc.system.name', 'rpc.system'] as const

/** Whether these are attributes of a remote procedure call. */
export const isRpc = (attributes: Attributes) => textIn(attributes, ...systems) !== undefined

/** A remote procedure call, as one of its sides has seen it. */
export function remoteCall(attributes: Attributes, side: 'client' | 'server', hasFailed: boolean): Operation {
  return {
    duration: `rpc.${side}.call.duration`,
    count: { metric: `rpc.${side}.call.count`, unit: '{call}', value: 1 },
    businessErrors: `rpc.${side}.business_error.count`,
    tags: tagsOf({
      'rpc.system.name': textIn(attributes, ...systems),
      'rpc.method': methodOf(attributes),
      'rpc.status_code': statusOf(attributes),
      'error.type': errorTypeOf(attributes) ?? (hasFailed ? other : undefined),
    }),
  }
}

/** Once service and method were told apart; now the method has both. */
function methodOf(attributes: Attributes): string | undefined {
  const method = textIn(attributes, 'rpc.method')
  const service = textIn(attributes, 'rpc.service')
  return method && service && !method.includes('/') ? `${service}/${method}` : (method ?? service)
}

function statusOf(attributes: Attributes): string | undefined {
  const number = textIn(attributes, 'rpc.grpc.status_code')
  const status = textIn(
    attributes,
    'rpc.status_code',
    'rpc.response.status_code',
    'rpc.connect_rpc.error_code',
  )
  return status ?? (number && grpcCodes[Number(number)])
}

/** By number, from https://grpc.github.io/grpc/core/md_doc_statuscodes.html. */
const grpcCodes: readonly string[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
]
