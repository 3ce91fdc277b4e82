import { BadRecordError } from '../../../../shared/errors.ts'
import { listOf, type Message, messageOf } from '../otlp/message.ts'
import { isObject } from '../telegraf-json.ts'

/** A span with the process that its surroundings name. */
export interface FoundSpan {
  readonly span: unknown
  readonly process: unknown
}

/**
 * All spans of a JSON value: of the API's answer (`data`), a trace (`spans` with `processes` or `processMap`), a batch (`spans` with
 * `process`), a span, or a list of these. Throws BadRecordError when their frame is wrong, so that nothing is taken of it.
 */
export function spansIn(json: unknown): readonly FoundSpan[] {
  return [json].flat().flatMap((one) => {
    if (!isObject(one)) throw new BadRecordError('unparseable', 'neither a span of Jaeger’s nor a trace')
    return one.data === undefined
      ? spansOf(one)
      : listOf(one.data, 'data').flatMap((trace) => spansOf(messageOf(trace, 'a trace')))
  })
}

function spansOf(message: Message): readonly FoundSpan[] {
  if (message.spans === undefined) return [{ span: message, process: undefined }]
  const processes = processesOf(message)
  return listOf(message.spans, 'spans').map((span) => ({
    span,
    process:
      processes.get(isObject(span) ? (span.processID ?? span.processId) : undefined) ?? message.process,
  }))
}

function processesOf({ processes, processMap }: Message): ReadonlyMap<unknown, unknown> {
  const mapping = listOf(processMap, 'processMap').map((one) => messageOf(one, 'an element of processMap'))
  return new Map<unknown, unknown>([
    ...Object.entries(messageOf(processes ?? {}, 'processes')),
    ...mapping.map((one) => [one.processID ?? one.processId, one.process] as const),
  ])
}
