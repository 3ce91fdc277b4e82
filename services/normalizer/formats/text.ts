import { noFields } from '../../../shared/logs/fields.ts'
import type { Format, Reader, ReaderOptions } from '../format.ts'
import type { Payload } from '../payload.ts'
import { readLines } from './parts/lines.ts'
import { originOf } from './parts/origin.ts'
import { zoneOf } from './parts/zone.ts'
import { type LineContext, TextDraft, TextLine } from './text/draft.ts'

/**
 * Plain text, an event a line, of which the time and the level are recognized; stack traces of Java, Node, Python and Go
 * are put together again, over records of the same source too. Any bytes could be text: it is never recognized, but has
 * to be said, by configuration or content-type.
 */
export const text: Format = {
  name: 'text',
  contentTypes: ['text/plain'],
  recognizes: () => false,
  createReader: (options) => createReader(options),
}

function createReader({ timeZone }: ReaderOptions): Reader {
  const zone = zoneOf(timeZone)
  return {
    read(payload, events) {
      const source = `text\0${sourceOf(payload)}`
      const context: LineContext = {
        zone,
        origin: originOf(payload),
        time: events.defaultTime,
        isTimed: false,
        attributes: noFields,
      }
      const begin = (line: TextLine) => new TextDraft(line, events)
      readLines(payload, events, (line, position) =>
        events.line(position, source, new TextLine(line, false, context), begin),
      )
    },
  }
}

const maxSourceLength = 256

/** Whose lines these are: by the record's key, and its headers for the host, the service and the file. */
export function sourceOf(payload: Payload): string {
  const names = ['host.name', 'service.name', 'log.file.path'].map((name) => payload.header(name) ?? '')
  const key = payload.key?.toString('latin1', 0, maxSourceLength) ?? ''
  return [key, ...names.map((name) => name.slice(0, maxSourceLength))].join('\0')
}
