import type { DeadLetter } from '../../shared/avro/types.ts'
import { ConfigurationError } from '../../shared/errors.ts'
import { createLogger } from '../../shared/observability/logger.ts'
import { topicsOf } from '../../shared/stream/topic.ts'
import { loadAll } from '../sections.ts'
import type { LetterPlace } from './filter.ts'
import { interrupt } from './interrupt.ts'
import { letterText } from './letter-text.ts'
import { isAt, parsePlace, placeText } from './place.ts'
import { readLetters } from './read-letters.ts'
import type { Shelf } from './shelf.ts'

interface ShowOptions {
  /** Of the value, at most. */
  readonly maxBytes: number
  readonly raw?: boolean
}

/**
 * Prints the letter at a position of the shelf's topic, or the first one of the record at a position of another
 * topic. Throws ConfigurationError when there is none, RetryableError.
 */
export async function show(
  shelf: Shelf,
  text: string,
  { maxBytes, raw = false }: ShowOptions,
): Promise<void> {
  const wanted = parsePlace(text)
  const config = loadAll()
  const { name } = shelf.topicIn(topicsOf(config.kafka.topicPrefix))
  const isLetterPlace = wanted.topic === name
  const interrupted = interrupt()
  const found = new AbortController()
  let letter: { readonly content: DeadLetter; readonly place: LetterPlace } | undefined
  await readLetters(config, shelf, createLogger(shelf.command, 'silent'), {
    signal: AbortSignal.any([interrupted, found.signal]),
    ...(isLetterPlace && { start: async () => new Map([[wanted.partition, wanted.offset]]) }),
    onLetter(content, place) {
      if (isAt(wanted, isLetterPlace ? place : content)) letter = { content, place }
      // Of one partition offsets only grow: what is not there now will not come.
      if (letter || isLetterPlace) found.abort()
    },
    onUnreadable(place) {
      if (!isLetterPlace) return
      if (isAt(wanted, place))
        throw new ConfigurationError(`The record at ${placeText(wanted)} is no ${shelf.one}.`)
      found.abort()
    },
  })
  if (!letter) {
    if (interrupted.aborted) return
    throw new ConfigurationError(
      `There is no ${shelf.one} ${isLetterPlace ? 'at' : 'of the record at'} ${placeText(wanted)}: tidemark ${shelf.command} list shows positions; old ones are deleted by retention.`,
    )
  }
  const { content, place } = letter
  process.stdout.write(raw ? (content.value ?? '') : letterText(shelf, content, place, maxBytes))
}
