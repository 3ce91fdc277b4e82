import { BadRecordError } from '../../../shared/errors.ts'
import { textNamed } from '../../../shared/logs/fields.ts'
import type { Events, Format, Reader, ReaderOptions } from '../format.ts'
import { refusing } from '../record-events.ts'
import { innerJson } from './parts/inner-json.ts'
import { JsonEventReader, type JsonShape } from './parts/json-event.ts'
import { type LineSource, lineSources } from './parts/line-source.ts'
import { utc, zoneOf } from './parts/zone.ts'
import { isObject } from './telegraf-json.ts'
import { TextDraft, TextLine } from './text/draft.ts'

/**
 * Lines of Docker's json-file driver, `{"log": "message\n", "stream": "stdout", "time": "…"}`, also with what Fluent Bit
 * and Fluentd add to them. Lines that Docker has cut, which lack the line break, are put together, as are stack traces;
 * a message that is a log event in JSON is read as one.
 */
export const dockerJson: Format = {
  name: 'docker-json',
  contentTypes: ['application/vnd.tidemark.docker+json'],

  recognizes(payload) {
    if (!payload.looksLikeJson) return false
    const json = payload.jsonOrNothing()
    return isDockerLine(Array.isArray(json) ? json[0] : json)
  },

  createReader: (options) => createReader(options),
}

const isDockerLine = (json: unknown) => isObject(json) && typeof json.log === 'string' && 'stream' in json

const shape: JsonShape = {
  time: ['time', '@timestamp', 'timestamp', 'date'],
  message: ['log'],
  service: [
    'kubernetes.labels.app.kubernetes.io/name',
    'kubernetes.labels.app',
    'kubernetes.container_name',
    'container_name',
    'attrs.tag',
  ],
  host: ['kubernetes.host', 'host'],
  level: [],
  traceId: [],
  spanId: [],
  kept: ['kubernetes.labels.app', 'kubernetes.container_name', 'container_name', 'attrs.tag'],
  renamed: new Map([['stream', 'log.iostream']]),
}

/** What tells the containers of one agent apart. */
const containerNames = [
  'log.iostream',
  'kubernetes.pod_id',
  'kubernetes.docker_id',
  'container_id',
  'container_name',
]

function createReader(options: ReaderOptions): Reader {
  const zone = zoneOf(options.timeZone)
  const outer = new JsonEventReader(shape, { maxAttributes: options.maxAttributes, zone: utc })
  const inner = innerJson(options)
  const sourceOf = lineSources('docker')

  function readLine(json: unknown, position: number, source: LineSource, events: Events): void {
    if (!isDockerLine(json))
      throw new BadRecordError('unparseable', 'a line of Docker has “log” and “stream”')
    const { log } = json as { readonly log: string }
    const isFull = log.endsWith('\n')
    const { message, time, service, host, attributes } = outer.read(json, events.defaultTime, source.origin)
    const problem = events.timeProblem(time)
    if (problem) throw new BadRecordError(problem.reason, problem.detail)
    const text = message.replace(/\r?\n$/, '')
    // A blank line belongs to nothing.
    if (isFull && text.trim() === '') return
    const context = { zone, origin: { service, host }, time, isTimed: true, attributes, inner }
    const begin = (line: TextLine) => new TextDraft(line, events)
    const container = containerNames.map((name) => textNamed(attributes, name) ?? '').join('\0')
    events.line(position, `${source.name}\0${container}`, new TextLine(text, !isFull, context), begin)
  }

  return {
    read(payload, events) {
      const json = payload.json()
      const list: readonly unknown[] = Array.isArray(json) ? json : [json]
      if (list.length === 0) throw new BadRecordError('empty', 'an empty list of lines')
      const source = sourceOf(payload)
      for (const [position, line] of list.entries())
        refusing(events, position, () => readLine(line, position, source, events))
    },
  }
}
