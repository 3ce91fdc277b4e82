import { readFileSync } from 'node:fs'
import { HttpError, InfluxDB } from '@influxdata/influxdb-client'
import { RetryableError } from '../errors.ts'
import type { InfluxConfig } from './config.ts'

/** What the server said to a batch: it has it all, or it will never take it as it is. */
type WriteOutcome =
  | { readonly written: true }
  | { readonly written: false; readonly status: number; readonly reason: string }

export interface InfluxClient {
  /**
   * Writes lines of line protocol with times in milliseconds, and waits for the server's word about these very lines:
   * nothing is buffered, nothing retried behind the caller's back. Throws RetryableError when there is no such word.
   */
  write(lines: readonly string[], signal?: AbortSignal): Promise<WriteOutcome>
  /** The rows of a Flux query, columns by name. Throws RetryableError when the server is away. */
  query(flux: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Throws RetryableError unless the server says that it is well. */
  ping(): Promise<void>
  /** What the server's clock showed just now, in whole seconds, as epoch milliseconds; undefined when it does not say. */
  time(): Promise<number | undefined>
}

/** Above this a request is compressed. */
const gzipThreshold = 1_000

/** Answers that mean that these lines are at fault, not the server nor the credentials. */
const refusals: ReadonlySet<number> = new Set([400, 413, 422])

export function connectInflux(config: InfluxConfig): InfluxClient {
  const client = new InfluxDB({
    url: config.url,
    ...(config.token && { token: config.token }),
    timeout: config.timeoutMs,
    ...(config.caFile && { transportOptions: { ca: readFileSync(config.caFile) } }),
  })
  const writePath = `/api/v2/write?${new URLSearchParams({ org: config.org, bucket: config.bucket, precision: 'ms' })}`
  const away = (error: unknown, doing: string) =>
    new RetryableError('InfluxDB', `${doing} ${config.url}: ${sentenceOf(error)}`, { cause: error })
  return {
    async write(lines, signal) {
      try {
        await client.transport.request(writePath, lines.join('\n'), {
          method: 'POST',
          headers: { 'Content-Type': 'text/plain; charset=utf-8' },
          gzipThreshold,
          ...(signal && { signal }),
        })
        return { written: true }
      } catch (error) {
        if (error instanceof HttpError && refusals.has(error.statusCode)) {
          return { written: false, status: error.statusCode, reason: error.message }
        }
        throw away(error, 'writing to')
      }
    },
    async query(flux) {
      try {
        return await client.getQueryApi(config.org).collectRows(flux)
      } catch (error) {
        throw away(error, 'querying')
      }
    },
    async ping() {
      try {
        await client.transport.request('/health', '', { method: 'GET' })
      } catch (error) {
        throw away(error, 'asking')
      }
    },
    async time() {
      let date: string | string[] | undefined
      try {
        await client.transport.request('/health', '', { method: 'GET' }, (headers) => {
          date = headers.date
        })
      } catch (error) {
        throw away(error, 'asking')
      }
      return typeof date === 'string' ? Date.parse(date) : undefined
    },
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof HttpError && (error.statusCode === 401 || error.statusCode === 403)) {
    return `it refuses the token (${error.statusCode}): check influx.token, influx.org and influx.bucket`
  }
  if (error instanceof HttpError && error.statusCode === 404)
    return `there is no such organization or bucket (404): check influx.org and influx.bucket`
  return (error as Error).message || String(error)
}
