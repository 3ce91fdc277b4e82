import { noFields } from '../../../shared/logs/fields.ts'
import type { Format, Reader, ReaderOptions } from '../format.ts'
import { lineSources } from './parts/line-source.ts'
import { readLines } from './parts/lines.ts'
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
  const sourceOf = lineSources('text')
  return {
    read(payload, events) {
      const { name: source, origin } = sourceOf(payload)
      const context: LineContext = {
        zone,
        origin,
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
