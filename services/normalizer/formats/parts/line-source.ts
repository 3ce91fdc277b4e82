import type { Payload } from '../../payload.ts'
import { type Origin, originOf } from './origin.ts'

/** Whose lines a payload holds. */
export interface LineSource {
  /** By the record's key, and its headers for the host, the service and the file: lines are joined within it. */
  readonly name: string
  readonly origin: Origin
}

const maxLength = 256

function sourceOf(payload: Payload, format: string): LineSource {
  const names = ['host.name', 'service.name', 'log.file.path'].map((name) => payload.header(name) ?? '')
  const key = payload.key?.toString('latin1', 0, maxLength) ?? ''
  return {
    name: [format, key, ...names.map((name) => name.slice(0, maxLength))].join('\0'),
    origin: originOf(payload),
  }
}

/** Tells the source of payload after payload. Those of one source mostly follow one another: what was found for the last one is kept. */
export function lineSources(format: string): (payload: Payload) => LineSource {
  let source: LineSource | undefined
  let headers: Payload['headers'] = {}
  let key: Payload['key'] = null
  return (payload) => {
    if (!source || payload.headers !== headers || !areSame(payload.key, key)) {
      source = sourceOf(payload, format)
      headers = payload.headers
      key = payload.key
    }
    return source
  }
}

const areSame = (a: Payload['key'], b: Payload['key']) => (a && b ? a.equals(b) : a === b)
