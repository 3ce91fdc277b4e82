import { isUtf8 } from 'node:buffer'
import { BadRecordError } from '../../shared/errors.ts'

/** The bytes of one raw record, parsed as JSON at most once. */
export class Payload {
  readonly bytes: Buffer
  readonly headers: Readonly<Record<string, Buffer>>
  readonly key: Buffer | null
  #json: { readonly value: unknown } | { readonly error: Error } | undefined

  constructor(bytes: Buffer, headers: Readonly<Record<string, Buffer>>, key: Buffer | null = null) {
    this.bytes = bytes
    this.headers = headers
    this.key = key
  }

  /** Of the first byte that is not white space; NaN in blank payloads. */
  get firstByte(): number {
    const { bytes } = this
    for (let at = 0; at < bytes.length; at++) if (bytes[at]! > 0x20) return bytes[at]!
    return Number.NaN
  }

  get looksLikeJson(): boolean {
    const first = this.firstByte
    return first === 0x7b || first === 0x5b
  }

  /** The one JSON value, or the values of JSON lines as an array. Throws BadRecordError. */
  json(): unknown {
    this.#json ??= parse(this.bytes)
    if ('error' in this.#json) throw this.#json.error
    return this.#json.value
  }

  /** Like `json`, or undefined when it can't be parsed. */
  jsonOrNothing(): unknown {
    this.#json ??= parse(this.bytes)
    return 'value' in this.#json ? this.#json.value : undefined
  }

  header(name: string): string | undefined {
    return this.headers[name]?.toString('utf8')
  }
}

/** The text of a payload. Throws BadRecordError when it is not UTF-8. */
export function textOf(bytes: Buffer): string {
  requireUtf8(bytes)
  return bytes.toString('utf8')
}

export function requireUtf8(bytes: Buffer): void {
  if (!isUtf8(bytes)) throw new BadRecordError('not_utf8', 'the value is not valid UTF-8')
}

function parse(bytes: Buffer): { readonly value: unknown } | { readonly error: Error } {
  try {
    const text = textOf(bytes)
    try {
      return { value: JSON.parse(text) }
    } catch (error) {
      const lines = text.split('\n').filter((line) => line.trim() !== '')
      if (lines.length < 2) throw error
      return { value: lines.map((line) => JSON.parse(line) as unknown) }
    }
  } catch (error) {
    return {
      error:
        error instanceof BadRecordError
          ? error
          : new BadRecordError('unparseable', `not JSON: ${(error as Error).message}`),
    }
  }
}
