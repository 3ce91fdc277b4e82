import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigurationError } from '../errors.ts'
import type { Health } from './health.ts'
import type { Metrics } from './metrics.ts'

interface HttpEndpoint {
  /** `http://host:port` */
  readonly address: string
  readonly port: number
  close(): Promise<void>
}

interface HttpOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly metrics: Metrics
  readonly health: Health
}

/**
 * Serves /metrics (Prometheus text), /live (200 while the process turns) and /ready (200, or 503 with the reasons).
 * Throws ConfigurationError when the address can't be listened on.
 */
export async function startHttp({ host, port, metrics, health }: HttpOptions): Promise<HttpEndpoint> {
  const server = createServer(
    { maxHeaderSize: 8_192, requestTimeout: 10_000, headersTimeout: 5_000 },
    (request, response) => {
      respond(request, response, metrics, health).catch((error: Error) =>
        send(response, 500, 'text/plain', `${error.message}\n`),
      )
    },
  )
  server.maxConnections = 100
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  }).catch((error: Error) => {
    throw new ConfigurationError(
      `Can't serve metrics on ${host}:${port} (${error.message}): set http.host and http.port to a free address.`,
    )
  })
  const actual = (server.address() as AddressInfo).port
  return {
    address: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    port: actual,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  metrics: Metrics,
  health: Health,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD')
    return send(response, 405, 'text/plain', 'Only GET and HEAD are answered here.\n')
  }
  switch (request.url?.split(/[?#]/, 1)[0]) {
    case '/':
      return send(response, 200, 'text/plain', '/metrics\n/live\n/ready\n')
    case '/live':
      return send(response, 200, 'text/plain', 'live\n')
    case '/metrics':
      return send(response, 200, 'text/plain; version=0.0.4; charset=utf-8', await metrics.expose())
    case '/ready': {
      const snapshot = health.snapshot()
      return send(response, snapshot.ready ? 200 : 503, 'application/json', `${JSON.stringify(snapshot)}\n`)
    }
    default:
      return send(response, 404, 'text/plain', 'Try /metrics, /live or /ready.\n')
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}
