import { BadRecordError } from '../../../shared/errors.ts'
import type { LogEvent } from '../../../shared/logs/placed-log.ts'
import type { Format, ReaderOptions } from '../format.ts'
import { Attributes } from './parts/attributes.ts'
import { levelOfStatus } from './parts/level.ts'
import { firstLineOf, readLines } from './parts/lines.ts'
import { type Origin, originOf } from './parts/origin.ts'
import { endOfQuoted } from './parts/quoted.ts'
import { localTime, monthOf, offsetFrom } from './parts/timestamp.ts'

/**
 * Access logs of nginx, Apache httpd and their like, common or combined, a request a line; with the virtual host in
 * front, or with a forwarded address, a duration or anything else behind. Attributes have OpenTelemetry's names, where
 * it has any.
 */
export const accessLog: Format = {
  name: 'access-log',
  contentTypes: ['application/vnd.tidemark.access-log'],

  recognizes: (payload) => start.test(firstLineOf(payload)),

  createReader: (options) => ({
    read(payload, events) {
      const origin = originOf(payload)
      readLines(payload, events, (line, position) => events.log(position, readRequest(line, origin, options)))
    },
  }),
}

/** Who asked, when, and a quote. */
const start = /^([^\s"[]+(?: [^"[]+)?) \[(\d\d\/[A-Za-z]{3}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "/
const answer = / (\d{3}) (\d+|-)(?= |$)/y

function readRequest(
  line: string,
  origin: Origin,
  { maxAttributes }: Pick<ReaderOptions, 'maxAttributes'>,
): LogEvent {
  const head = start.exec(line)
  const request = head && quotedAt(line, head[0].length - 1)
  if (request) answer.lastIndex = request.end
  const rest = request && answer.exec(line)
  if (!rest) throw new BadRecordError('unparseable', 'the line is no request of a common or combined log')
  const [, status = '', size = ''] = rest
  const referrer = quotedAt(line, answer.lastIndex + 1)
  const agent = referrer && quotedAt(line, referrer.end + 1)
  const more = line.slice((agent?.end ?? answer.lastIndex) + 1)
  const attributes = new Attributes(maxAttributes)
  const add: Add = (name: string, text: string | undefined) => {
    if (text !== undefined && text !== '' && text !== '-') attributes.set(name, text)
  }
  readClient(head[1]!, add)
  readTarget(request.text, add)
  add('http.response.status_code', status)
  add('http.response.body.size', size)
  if (agent) add('http.request.referrer', referrer.text)
  add('user_agent.original', agent?.text)
  if (more) readMore(more, add)
  return {
    time: timeOf(head[2]!),
    message: unescaped(request.text),
    ...origin,
    level: levelOfStatus(Number(status)),
    traceId: null,
    spanId: null,
    attributes: attributes.fields(),
  }
}

/** What stands in quotes at `from`, and where it ends; undefined when nothing does. */
function quotedAt(line: string, from: number) {
  const end = line[from] === '"' ? endOfQuoted(line, from) : -1
  return end < 0 ? undefined : { text: line.slice(from + 1, end - 1), end }
}

type Add = (name: string, text: string | undefined) => void

/** `client identity user`, with the virtual host in front if there are four; a user's name may hold blanks. */
function readClient(text: string, add: Add): void {
  const words = text.split(' ')
  const [host, port] = words.length === 4 ? splitPort(words.shift()!) : []
  const [client, identity, ...user] = words
  add('server.address', host)
  add('server.port', port)
  add('client.address', client)
  add('client.identity', identity)
  add('user.name', unescaped(user.join(' ')))
}

function splitPort(host: string): readonly [string, string?] {
  const port = /^(.*):(\d{1,5})$/.exec(host)
  return port ? [port[1]!, port[2]!] : [host]
}

/** `GET /path?query HTTP/1.1`; what strangers send instead stays in the message. */
function readTarget(request: string, add: Add): void {
  const [, method, target, protocol, version] =
    /^([A-Z]{3,20}) (\S+)(?: ([A-Z]+)\/([\d.]+))?$/.exec(request) ?? []
  if (!method) return
  const at = target!.indexOf('?')
  add('http.request.method', method)
  add('url.path', at < 0 ? target : target!.slice(0, at))
  add('url.query', at < 0 ? undefined : target!.slice(at + 1))
  add('network.protocol.name', protocol?.toLowerCase())
  add('network.protocol.version', version)
}

/**
 * What people add: a forwarded address in quotes, and the duration, which nginx writes in seconds with decimals, Apache
 * (`%D`) in whole microseconds. Everything else is kept as it is.
 */
function readMore(text: string, add: Add): void {
  const [, forwarded, rest = ''] = /^(?:"([\da-fA-F.:, -]*)"(?: |$))?(.*)$/s.exec(text) ?? []
  add('http.request.header.x-forwarded-for', forwarded)
  const [duration, seconds, microseconds] =
    /^(?:(?:rt|request_time)=)?(?:(\d+\.\d+)|(\d+))(?= |$)/.exec(rest) ?? []
  add('http.server.request.duration', seconds ?? (microseconds && String(Number(microseconds) / 1e6)))
  add('access_log.rest', rest.slice(duration?.length ?? 0).trim())
}

/** Apache's and nginx' escapes of what does not belong on a line. */
const unescaped = (text: string) =>
  text.includes('\\') ? text.replace(/\\(["\\])/g, '$1').replace(/\\x22/g, '"') : text

/** Of `26/Dec/2016:16:16:29 +0200`. */
function timeOf(text: string): number {
  const number = (from: number, to: number) => Number(text.slice(from, to))
  const month = monthOf(text.slice(3, 6))
  const local = localTime(number(7, 11), month, number(0, 2), number(12, 14), number(15, 17), number(18, 20))
  const time = local - offsetFrom(text, 21)
  if (Number.isNaN(time)) throw new BadRecordError('invalid_timestamp', `“${text}” is no time`)
  return time
}
