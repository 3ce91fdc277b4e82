import type { LogLevel } from '../../../../shared/avro/types.ts'

/** What kind of event is being read, as far as its lines tell what may follow. */
export type TraceKind =
  | 'headed'
  | 'plain'
  | 'python'
  | 'python-end'
  | 'python-chain'
  | 'go'
  | 'node'
  | 'node-end'

/** Lines of traces are short; a long line could keep a pattern busy. */
const maxLook = 512

const goStart = /^(panic: |fatal error: |goroutine \d+ \[)/
const pythonStart = /^Traceback \(most recent call last\):/
/** Node prints where an error was thrown before the error. */
const nodeStart = /^(file:\/\/)?\/\S+:\d+$/
const errorStart = /^(Uncaught |Unhandled |Exception in thread )?[\w.$]*(Error|Exception)\b/

/** The kind of an event that begins with this line; `isHeaded` when a logger's time or level begins it. */
export function traceStart(text: string, isHeaded: boolean): TraceKind {
  if (isHeaded) return 'headed'
  const line = text.slice(0, maxLook)
  if (pythonStart.test(line)) return 'python'
  if (goStart.test(line)) return 'go'
  return nodeStart.test(line) ? 'node' : 'plain'
}

/** What a line without a head that begins an event says of its severity. */
export function traceLevel(text: string): LogLevel {
  const line = text.slice(0, maxLook)
  if (/^(panic: |fatal error: )/.test(line)) return 'fatal'
  const isError = errorStart.test(line) || /^Exception in thread /.test(line) || pythonStart.test(line)
  return isError || nodeStart.test(line) ? 'error' : 'unknown'
}

/** Java's, and the brackets that end what Node prints of an error. */
const always = /^(Caused by: |Suppressed: |\.{3} \d+ (more|common frames)|at \S|[}\])])/
const pythonChain = /^(During handling of the above exception|The above exception was the direct cause of)/
const goLine =
  /^(goroutine \d+|\[signal |\[recovered\]|exit status \d+$|created by |runtime(:|\.)|r\w{1,3} +0x|[\w./*()\-%·{}…[\],]+\(.*\)$)/

/**
 * The kind of the event with one more line, which has no head; undefined when another event begins with it. Behind a
 * line with a head everything without one belongs to it, for a logger that writes heads writes them always.
 */
export function traceNext(kind: TraceKind, text: string): TraceKind | undefined {
  const line = text.slice(0, maxLook)
  // A program that writes JSON lines as well.
  if (line.startsWith('{"')) return undefined
  if (kind === 'headed' || line[0] === ' ' || line[0] === '\t') return kind
  if (always.test(line)) return kind
  switch (kind) {
    case 'python':
      return 'python-end'
    case 'python-end':
      return pythonChain.test(line) ? 'python-chain' : undefined
    case 'python-chain':
      return pythonStart.test(line) ? 'python' : undefined
    case 'go':
      return goLine.test(line) ? (line.startsWith('exit ') ? 'plain' : 'go') : undefined
    case 'node':
      return errorStart.test(line) ? 'node-end' : undefined
    case 'node-end':
      return line.startsWith('Node.js v') ? 'plain' : undefined
    default:
      return undefined
  }
}
