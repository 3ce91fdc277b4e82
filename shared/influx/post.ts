import { readFileSync } from 'node:fs'
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { promisify } from 'node:util'
import { gzip, type ZlibOptions } from 'node:zlib'
import type { InfluxConfig } from './config.ts'

const gzipText = promisify<string, ZlibOptions, Buffer>(gzip)
/** A third of the time of the default level, for a tenth more bytes. */
const compress = (text: string) => gzipText(text, { level: 1 })

/** Above this a body is compressed. */
const gzipThreshold = 1_000

/** Of an answer no more than this is read: it holds a sentence. */
const maxAnswerBytes = 65_536

export interface Answer {
  readonly status: number
  readonly body: string
}

export interface PostOptions {
  /** Asked when all of the body is out of this process, right before the end of the request. */
  readonly mayEnd: () => boolean
  readonly signal?: AbortSignal | undefined
}

/** The request was taken back before its end was sent: the server has done nothing. */
class WithdrawnError extends Error {
  constructor() {
    super('this process stood still while it was sending, so the request was taken back')
  }
}

type Post = (path: string, text: string, options: PostOptions) => Promise<Answer>

/**
 * Requests that can be taken back until their last byte. A process that is stopped in the middle of one (SIGSTOP, a
 * suspended machine, a long pause of the host) would else go on sending when it wakes, though another has taken over
 * and written newer values since. So the body goes out in chunks, as HTTP/1.1 has it, and the empty chunk without which
 * the server does not act is only sent when, after all the rest is out, `mayEnd` says so. What is between the question
 * and the last byte are microseconds, not the time of compressing, connecting and sending.
 *
 * `fetch` has no way to know when a body is out, hence node:http.
 */
export function poster({ url, token, caFile, timeoutMs }: InfluxConfig): Post {
  const isSecure = url.startsWith('https:')
  const agent = isSecure
    ? new HttpsAgent({ keepAlive: true, ...(caFile && { ca: readFileSync(caFile) }) })
    : new HttpAgent({ keepAlive: true })
  const start = isSecure ? requestHttps : requestHttp
  return async (path, text, { mayEnd, signal }) => {
    const isLong = text.length > gzipThreshold
    const body = isLong ? await compress(text) : Buffer.from(text)
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const sending = start(new URL(path, withSlash(url)), {
      method: 'POST',
      agent,
      ...(signal && { signal }),
      headers: {
        'Content-Type': 'text/plain; charset=utf-8',
        ...(isLong && { 'Content-Encoding': 'gzip' }),
        ...(token && { Authorization: `Token ${token}` }),
      },
    })
    let hasEnded = false
    sending.on('error', reject)
    sending.on('response', (response) =>
      readAnswer(response)
        .then(resolve, reject)
        .finally(() => {
          // A server that has refused the request need not read the rest of it, and nobody would ever end the wait.
          if (!hasEnded) sending.destroy()
        }),
    )
    const deadline = setTimeout(
      () => sending.destroy(new Error(`no answer within ${timeoutMs} ms`)),
      timeoutMs,
    )
    // The callback comes when the system has it all. An answer before is a refusal.
    sending.write(body, (error) => {
      if (error || sending.destroyed) return
      if (mayEnd()) {
        hasEnded = true
        sending.end()
      } else sending.destroy(new WithdrawnError())
    })
    return promise.finally(() => clearTimeout(deadline))
  }
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    if (length < maxAnswerBytes) parts.push(part)
    length += part.length
  }
  return { status: response.statusCode!, body: Buffer.concat(parts).toString('utf8', 0, maxAnswerBytes) }
}

const withSlash = (url: string) => (url.endsWith('/') ? url : `${url}/`)
