import { counter, gauge, type Mapping, type MappingGroup, secondsCounter } from './mapping.ts'

const request = {
  method: { to: 'http.request.method' },
  status: { to: 'http.response.status_code' },
  code: { to: 'http.response.status_code' },
  uri: { to: 'http.route' },
  exception: { to: 'error.type', values: { None: null, none: null } },
}

/** As Go spells them, and gRPC's specification. */
const grpcCodes = {
  Canceled: 'CANCELLED',
  Unknown: 'UNKNOWN',
  InvalidArgument: 'INVALID_ARGUMENT',
  DeadlineExceeded: 'DEADLINE_EXCEEDED',
  NotFound: 'NOT_FOUND',
  AlreadyExists: 'ALREADY_EXISTS',
  PermissionDenied: 'PERMISSION_DENIED',
  ResourceExhausted: 'RESOURCE_EXHAUSTED',
  FailedPrecondition: 'FAILED_PRECONDITION',
  Aborted: 'ABORTED',
  OutOfRange: 'OUT_OF_RANGE',
  Unimplemented: 'UNIMPLEMENTED',
  Internal: 'INTERNAL',
  Unavailable: 'UNAVAILABLE',
  DataLoss: 'DATA_LOSS',
  Unauthenticated: 'UNAUTHENTICATED',
}

/** A histogram comes under the name of its family and stays whole; `_count` and `_sum` come so by remote write only. */
export const micrometerHttp: MappingGroup = {
  agent: 'Micrometer',
  subject: 'HTTP and RPC servers',
  mappings: [
    {
      from: 'http_server_requests_seconds',
      to: 'http.server.request.duration',
      ...secondsCounter,
      tags: request,
    },
    {
      from: 'http_server_requests_seconds_count',
      to: 'http.server.request.count',
      ...counter('request'),
      tags: request,
    },
    {
      from: 'http_server_requests_seconds_sum',
      to: 'http.server.request.time',
      ...secondsCounter,
      tags: request,
    },
  ],
}

export const prometheusHttp: MappingGroup = {
  agent: 'Prometheus clients',
  subject: 'HTTP and RPC servers',
  mappings: [
    {
      from: 'http_request_duration_seconds',
      to: 'http.server.request.duration',
      ...secondsCounter,
      tags: request,
    },
    { from: 'http_requests_total', to: 'http.server.request.count', ...counter('request'), tags: request },
    {
      from: 'grpc_server_handled_total',
      to: 'rpc.server.call.count',
      ...counter('call'),
      tags: {
        grpc_service: { to: 'rpc.service' },
        grpc_method: { to: 'rpc.method' },
        grpc_code: { to: 'rpc.status_code', values: grpcCodes },
      },
      set: { 'rpc.system.name': 'grpc' },
    },
    {
      from: 'grpc_server_handling_seconds',
      to: 'rpc.server.call.duration',
      ...secondsCounter,
      tags: { grpc_service: { to: 'rpc.service' }, grpc_method: { to: 'rpc.method' } },
      set: { 'rpc.system.name': 'grpc' },
    },
  ],
}

export const telegrafNginx: MappingGroup = {
  agent: 'Telegraf',
  subject: 'HTTP and RPC servers',
  mappings: [
    { from: 'nginx.requests', to: 'nginx.requests', ...counter('request') },
    { from: 'nginx.accepts', to: 'nginx.connections_accepted', ...counter('connection') },
    { from: 'nginx.handled', to: 'nginx.connections_handled', ...counter('connection') },
    ...['active', 'reading', 'writing', 'waiting'].map(
      (state): Mapping => ({
        from: `nginx.${state}`,
        to: 'nginx.connections_current',
        ...gauge('connection'),
        set: { state },
      }),
    ),
  ],
}
