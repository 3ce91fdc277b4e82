import { BadRecordError } from '../../../../shared/errors.ts'
import type { Fields } from '../../../../shared/logs/fields.ts'
import type { LogEvent } from '../../../../shared/logs/placed-log.ts'
import type { ReaderOptions } from '../../format.ts'
import { ecsShape } from '../ecs-json.ts'
import { looksLikeLog } from '../json-logs.ts'
import { isObject } from '../telegraf-json.ts'
import { Attributes } from './attributes.ts'
import { JsonEventReader } from './json-event.ts'
import { loggerShape } from './logger-shape.ts'
import { zoneOf } from './zone.ts'

/**
 * Reads what a program in a container wrote as JSON: the event inside, with what is known of the container. Undefined
 * when the line is no log event in JSON; then it is text.
 */
export function innerJson({ maxAttributes, timeZone }: ReaderOptions) {
  const options = { maxAttributes, zone: zoneOf(timeZone) }
  const logger = new JsonEventReader(loggerShape, options)
  const ecs = new JsonEventReader(ecsShape, options)
  return (line: string, outer: LogEvent): LogEvent | undefined => {
    const json = parse(line)
    const reader = looksLikeLog(json) ? logger : isEcs(json) ? ecs : undefined
    if (!reader) return undefined
    try {
      const event = reader.read(json, outer.time, outer)
      // The container's runtime has no reason to be wrong about the time.
      return {
        ...event,
        time: outer.time,
        attributes: merge(outer.attributes, event.attributes, maxAttributes),
      }
    } catch (error) {
      if (!(error instanceof BadRecordError)) throw error
      return undefined
    }
  }
}

const isEcs = (json: unknown) => isObject(json) && '@timestamp' in json && 'message' in json

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function merge(outer: Fields, inner: Fields, limit: number): Fields {
  const attributes = new Attributes(limit)
  for (const { names, texts } of [outer, inner])
    for (const [i, name] of names.entries()) attributes.set(name, texts[i]!)
  return attributes.fields()
}
