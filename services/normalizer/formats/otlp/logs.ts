import type { LogLevel } from '../../../../shared/avro/types.ts'
import type { LogEvent } from '../../../../shared/logs/placed-log.ts'
import type { Events, ReaderOptions } from '../../format.ts'
import { refusing } from '../../record-events.ts'
import { levelOf } from '../parts/level.ts'
import { flattenInto, limited, valueText } from './attributes.ts'
import { type Group, messageOf } from './message.ts'
import { enumOf, idOf, textOf, timeOr } from './values.ts'

/** Hands on log events; positions count them. */
export class LogsReader {
  readonly #maxAttributes: number

  constructor({ maxAttributes }: ReaderOptions) {
    this.#maxAttributes = maxAttributes
  }

  read(groups: readonly Group[], events: Events): void {
    const shared = groups.map(sharedFields)
    let position = 0
    for (const [i, { records }] of groups.entries()) {
      for (const record of records) {
        refusing(events, position, () => events.log(position, this.#logOf(record, shared[i]!, events)))
        position++
      }
    }
  }

  #logOf(value: unknown, shared: SharedFields, events: Events): LogEvent {
    const record = messageOf(value, 'a log record')
    const fields = new Map(shared.fields)
    flattenInto(fields, record.attributes)
    const word = textOf(record.severityText, 'severityText')
    setText(fields, 'log.level', word)
    setText(fields, 'event.name', textOf(record.eventName, 'eventName'))
    return {
      time: timeOr(record.timeUnixNano, timeOr(record.observedTimeUnixNano, events.defaultTime)),
      service: shared.service,
      host: shared.host,
      level: levelOfNumber(record.severityNumber) ?? levelOf(word),
      message: valueText(record.body),
      traceId: idOf(record.traceId, 16),
      spanId: idOf(record.spanId, 8),
      attributes: limited(fields, this.#maxAttributes).fields(),
    }
  }
}

/** What the records of one resource and scope share. */
interface SharedFields {
  readonly service: string
  readonly host: string
  readonly fields: ReadonlyMap<string, string>
}

function sharedFields({ resource, scope }: Group): SharedFields {
  const fields = new Map<string, string>()
  flattenInto(fields, resource.attributes)
  const service = fields.get('service.name') || 'unknown'
  const host = fields.get('host.name') ?? ''
  fields.delete('service.name')
  fields.delete('host.name')
  setText(fields, 'otel.scope.name', textOf(scope.name, "the scope's name"))
  setText(fields, 'otel.scope.version', textOf(scope.version, "the scope's version"))
  flattenInto(fields, scope.attributes)
  return { service, host, fields }
}

function setText(fields: Map<string, string>, key: string, text: string): void {
  if (text !== '') fields.set(key, text)
}

const levels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']
/** SEVERITY_NUMBER_TRACE is 1, TRACE2 is 2, up to FATAL4, which is 24. */
const severities = [
  'UNSPECIFIED',
  ...levels.flatMap((level) => ['', '2', '3', '4'].map((grade) => level.toUpperCase() + grade)),
]

/** Undefined when it is not told. */
function levelOfNumber(severity: unknown): LogLevel | undefined {
  return levels[Math.floor((enumOf(severity, 'SEVERITY_NUMBER_', severities) - 1) / 4)]
}
