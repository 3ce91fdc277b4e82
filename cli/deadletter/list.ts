import { createLogger } from '../../shared/observability/logger.ts'
import { topicsOf } from '../../shared/stream/topic.ts'
import { loadAll } from '../sections.ts'
import { type FilterOptions, filterOf, matches } from './filter.ts'
import { interrupt } from './interrupt.ts'
import { readLetters } from './read-letters.ts'
import type { Shelf } from './shelf.ts'
import { Summary, summaryJson, summaryText } from './summary.ts'

interface ListOptions extends FilterOptions {
  /** Groups to show. */
  readonly limit: number
  readonly json?: boolean
}

/** Prints what was set aside, and why. After Ctrl-C what was read so far. Throws ConfigurationError, RetryableError. */
export async function list(shelf: Shelf, { limit, json = false, ...options }: ListOptions): Promise<void> {
  const config = loadAll()
  const filter = filterOf(options)
  const { since } = filter
  const summary = new Summary(shelf)
  const signal = interrupt()
  await readLetters(config, shelf, createLogger(shelf.command, 'silent'), {
    signal,
    ...(since !== undefined && { start: (admin, topic) => admin.offsetsAt(topic, since) }),
    onLetter(letter, place) {
      summary.seen++
      if (matches(letter, place, filter)) summary.add(letter, place)
    },
    onUnreadable: () => summary.unreadable++,
  })
  const { name } = shelf.topicIn(topicsOf(config.kafka.topicPrefix))
  if (signal.aborted) process.stderr.write('Stopped before the end: there may be more.\n')
  process.stdout.write((json ? summaryJson : summaryText)(summary, name, limit))
}
