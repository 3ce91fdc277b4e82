/**
 * The errors of Tidemark say who must act. They are thrown where something goes wrong and caught only where it is
 * decided what to do about it: in the worker runtime and in the command line.
 */

/** A reason code of a refused record: short, stable, lower case; a label value in metrics. */
export type RejectionReason = string

/** This record can't be processed, now or later: it goes to the dead-letter topic, and the partition goes on. */
export class BadRecordError extends Error {
  override readonly name = 'BadRecordError'
  readonly reason: RejectionReason

  constructor(reason: RejectionReason, message: string, options?: ErrorOptions) {
    // Nobody reads where it was thrown, and a record may hold several hundred thousand parts that are refused: without the stack each takes a tenth of the time.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(message, options)
    Error.stackTraceLimit = stackTraceLimit
    this.reason = reason
  }
}

/** What the operator wrote, or what the machine lacks, must be mended first: stop with this one sentence. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}

/** A server is away or overloaded: back off and try again, lose nothing. `server` is what a person calls it. */
export class RetryableError extends Error {
  override readonly name: string = 'RetryableError'
  readonly server: string

  constructor(server: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.server = server
  }
}

/** What a server refuses: to let us in at all, or to let us do something. A right may be granted while we wait. */
export type RefusalKind = 'identity' | 'right'

/** A server refuses us until its operator, or ours, changes something: ask again seldom. */
export class RefusedError extends RetryableError {
  override readonly name = 'RefusedError'
  readonly kind: RefusalKind

  constructor(server: string, kind: RefusalKind, message: string, options?: ErrorOptions) {
    super(server, message, options)
    this.kind = kind
  }
}

/** Another worker owns this partition now: drop its task and everything uncommitted, and rejoin. */
export class FencedError extends Error {
  override readonly name = 'FencedError'
}
