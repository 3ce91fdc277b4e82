import { ConfigurationError, RefusedError, RetryableError } from '../errors.ts'
import type { Logger } from '../observability/logger.ts'
import { Backoff } from './backoff.ts'
import type { WorkerConfig } from './config.ts'

interface StopRequest {
  readonly signal: AbortSignal
  /** Resolves with the first SIGTERM or SIGINT. */
  readonly requested: Promise<void>
}

/** The first signal asks for an orderly end; a second one ends the process at once. */
export function listenForStop(log: Logger): StopRequest {
  const controller = new AbortController()
  const { promise: requested, resolve } = Promise.withResolvers<void>()
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(1)
      log.info({ signal: name }, 'stopping')
      controller.abort()
      resolve()
    })
  }
  return { signal: controller.signal, requested }
}

/** The stop was requested while something was still being waited for. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError'
}

/**
 * Tries again and again while a server is away, telling `report` why. Throws StoppedError when the signal comes first,
 * ConfigurationError when a server does not let us in: asking again with the same password would not change that.
 */
export async function untilItWorks<T>(
  attempt: () => Promise<T>,
  options: {
    readonly config: WorkerConfig
    readonly log: Logger
    readonly signal: AbortSignal
    report(reason: string): void
  },
): Promise<T> {
  const { config, log, signal, report } = options
  const backoff = new Backoff(config.retryBackoffMs, config.maxRetryBackoffMs)
  while (!signal.aborted) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error
      if (error instanceof RefusedError && error.kind === 'identity')
        throw new ConfigurationError(`${error.server} can't be used: ${error.message}.`, { cause: error })
      report(`${error.server} can't be used: ${error.message}`)
      log.warn({ server: error.server }, `${error.message}; trying again`)
      await backoff.wait(signal, error)
    }
  }
  throw new StoppedError('stopped before everything needed was there')
}
