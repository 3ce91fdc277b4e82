import { BadRecordError } from '../../../shared/errors.ts'
import type { Format, Reader, ReaderOptions } from '../format.ts'
import { innerJson } from './parts/inner-json.ts'
import { lineSources } from './parts/line-source.ts'
import { firstLineOf, readLines } from './parts/lines.ts'
import { timeFromIso } from './parts/timestamp.ts'
import { zoneOf } from './parts/zone.ts'
import { TextDraft, TextLine } from './text/draft.ts'

/**
 * Log lines of Kubernetes' container runtimes: `2023-11-14T22:13:20.123456789Z stdout F message`. Lines that the
 * runtime has cut (P) are put together, as are stack traces; a message that is a log event in JSON is read as one.
 */
export const cri: Format = {
  name: 'cri',
  contentTypes: ['application/vnd.tidemark.cri'],
  recognizes: (payload) => lineStart.test(firstLineOf(payload)),
  createReader: (options) => createReader(options),
}

const streamNames = ['log.iostream']

/** Time, stream and tags, of which the first says whether the line is full. */
const lineStart = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) (stdout|stderr) ([FP])(?::\S*)?(?: |$)/

function createReader(options: ReaderOptions): Reader {
  const zone = zoneOf(options.timeZone)
  const inner = innerJson(options)
  const sourceOf = lineSources('cri')
  return {
    read(payload, events) {
      const begin = (line: TextLine) => new TextDraft(line, events)
      const { name: source, origin } = sourceOf(payload)
      readLines(payload, events, (line, position) => {
        const [start, timeText = '', stream = '', tag] = lineStart.exec(line) ?? []
        if (start === undefined)
          throw new BadRecordError('unparseable', 'the line does not begin with time, stream and F or P')
        const time = timeFromIso(timeText)
        const problem = events.timeProblem(time)
        if (problem) throw new BadRecordError(problem.reason, problem.detail)
        const context = {
          zone,
          origin,
          time,
          isTimed: true,
          attributes: { names: streamNames, texts: [stream] },
          inner,
        }
        const rest = new TextLine(line.slice(start.length), tag === 'P', context)
        events.line(position, `${source}\0${stream}`, rest, begin)
      })
    },
  }
}
