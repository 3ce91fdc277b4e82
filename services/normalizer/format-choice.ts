import { BadRecordError, ConfigurationError } from '../../shared/errors.ts'
import type { Logger } from '../../shared/observability/logger.ts'
import type { Format } from './format.ts'
import { formats } from './formats/registry.ts'
import type { Payload } from './payload.ts'

/**
 * Formats that were recognized in this process, by topic: each is logged once, although each partition has a task that
 * recognizes it anew.
 */
const recognized = new Map<string, Set<string>>()

/** Says which format a record is in: the topic's configured one, else that of its content-type, else the one that its bytes look like. */
export class FormatChoice {
  readonly #configured: Format | undefined
  readonly #topic: string
  readonly #log: Logger
  /** The last one recognized is tried first: most topics carry one format. */
  #last: Format | undefined
  /** What the headers of the last payload declare: one producer's records share them. */
  #headers: Payload['headers'] | undefined
  #declared: Declared | undefined
  /** Names of formats that were recognized in the topic, by this or another choice. */
  readonly #seen: Set<string>

  /** Throws ConfigurationError when the configuration names an unknown format. */
  constructor(topic: string, configured: Readonly<Record<string, string>>, log: Logger) {
    this.#topic = topic
    this.#log = log
    this.#configured = formatOf(configured[topic], topic)
    this.#seen = recognized.get(topic) ?? new Set()
    recognized.set(topic, this.#seen)
  }

  /** The format that the payload is in if it looks like it: what `of` says then. */
  likely(payload: Payload): Format | undefined {
    if (this.#configured) return this.#configured
    const declared = this.#declaredBy(payload)
    return declared?.isSpecific ? declared.format : this.#last
  }

  /** Throws BadRecordError when no format is recognized. */
  of(payload: Payload): Format {
    if (this.#configured) return this.#configured
    const declared = this.#declaredBy(payload)
    if (declared?.isSpecific) return this.#note(declared.format, 'content-type')
    if (this.#last?.recognizes(payload)) return this.#last
    const format = formats.find((one) => one.recognizes(payload)) ?? declared?.format
    if (!format)
      throw new BadRecordError(
        'unknown_format',
        `the bytes look like none of ${formats.map(({ name }) => name).join(', ')}`,
      )
    this.#last = format
    return this.#note(format, 'bytes')
  }

  #declaredBy(payload: Payload): Declared | undefined {
    if (payload.headers !== this.#headers) {
      this.#headers = payload.headers
      this.#declared = declaredBy(payload)
    }
    return this.#declared
  }

  #note(format: Format, by: string): Format {
    if (!this.#seen.has(format.name)) {
      this.#seen.add(format.name)
      this.#log.info({ topic: this.#topic, format: format.name, by }, 'recognized the format of a topic')
    }
    return format
  }
}

interface Declared {
  readonly format: Format
  /** Whether it means no other; generic types such as application/json say less than the bytes do. */
  readonly isSpecific: boolean
}

/** The format of its content-type. */
function declaredBy(payload: Payload): Declared | undefined {
  const type = payload.header('content-type')?.replace(/;.*/s, '').trim().toLowerCase()
  const format = type ? formats.find(({ contentTypes }) => contentTypes.includes(type)) : undefined
  return format && { format, isSpecific: format.contentTypes[0] === type }
}

function formatOf(name: string | undefined, topic: string): Format | undefined {
  if (name === undefined) return undefined
  const format = formats.find((one) => one.name === name)
  if (!format)
    throw new ConfigurationError(
      `normalizer.formats.${topic} is “${name}”, which is no format: ${formats.map((one) => one.name).join(', ')} are known.`,
    )
  return format
}
