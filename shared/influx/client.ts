import { readFileSync } from 'node:fs'
import { HttpError, InfluxDB } from '@influxdata/influxdb-client'
import { RetryableError } from '../errors.ts'
import type { InfluxConfig } from './config.ts'
import { type Answer, type PostOptions, poster } from './post.ts'

/** What the server said to a batch: it has it all, or it will never take it as it is. */
export type WriteOutcome =
  | { readonly written: true }
  | { readonly written: false; readonly status: number; readonly reason: string }

export interface InfluxClient {
  /**
   * Writes lines of line protocol with times in milliseconds, and waits for the server's word about these very lines:
   * nothing is buffered, nothing retried behind the caller's back. Throws RetryableError when there is no such word, or
   * when `mayEnd`, which is asked right before the last byte is sent, says no.
   */
  write(lines: readonly string[], options: PostOptions): Promise<WriteOutcome>
  /** The rows of a Flux query, columns by name. Throws RetryableError when the server is away. */
  query(flux: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Throws RetryableError unless the server says that it is well. */
  ping(): Promise<void>
  /** What the server's clock showed just now, in whole seconds, as epoch milliseconds; undefined when it does not say. */
  time(): Promise<number | undefined>
}

/** Answers that mean that these lines are at fault, not the server nor the credentials. */
const refusals: ReadonlySet<number> = new Set([400, 413, 422])

export function connectInflux(config: InfluxConfig): InfluxClient {
  const client = new InfluxDB({
    url: config.url,
    ...(config.token && { token: config.token }),
    timeout: config.timeoutMs,
    ...(config.caFile && { transportOptions: { ca: readFileSync(config.caFile) } }),
  })
  const post = poster(config)
  const writePath = `api/v2/write?${new URLSearchParams({ org: config.org, bucket: config.bucket, precision: 'ms' })}`
  const away = (error: unknown, doing: string) => {
    const status = error instanceof HttpError ? error.statusCode : undefined
    const sentence = sentenceOf(status, (error as Error).message || String(error))
    return new RetryableError('InfluxDB', `${doing} ${config.url}: ${sentence}`, { cause: error })
  }
  return {
    async write(lines, options) {
      let answer: Answer
      try {
        answer = await post(writePath, lines.join('\n'), options)
      } catch (error) {
        throw away(error, 'writing to')
      }
      const { status } = answer
      if (status >= 200 && status < 300) return { written: true }
      const reason = reasonIn(answer)
      if (refusals.has(status)) return { written: false, status, reason }
      throw away(new Error(sentenceOf(status, reason)), 'writing to')
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

function sentenceOf(status: number | undefined, message: string): string {
  if (status === 401 || status === 403)
    return `it refuses the token (${status}): check influx.token, influx.org and influx.bucket`
  if (status === 404)
    return `there is no such organization or bucket (404): check influx.org and influx.bucket`
  return message
}

/** InfluxDB's errors are JSON with a message; what stands before it may say it otherwise. */
function reasonIn({ status, body }: Answer): string {
  try {
    const { message } = JSON.parse(body) as { readonly message?: unknown }
    if (typeof message === 'string' && message) return message
  } catch {
    // Not InfluxDB's own words.
  }
  return body.slice(0, 1_000) || `it answered ${status}`
}
