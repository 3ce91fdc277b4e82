import type { Tag } from '../../../../shared/avro/types.ts'
import { BadRecordError } from '../../../../shared/errors.ts'
import { GenerationalCache } from '../../../../shared/series/generational-cache.ts'
import type { SeriesRef } from '../../series-cache.ts'

/** What all lines with the same `measurement,tags` share: parsed once, found again by its bytes. */
export interface LineHead {
  readonly bytes: Buffer
  readonly measurement: string
  readonly tags: readonly Tag[]
  /** In the order of the first line: agents send the same fields in the same order, so the next name is known before it is read. */
  readonly fields: FieldSeries[]
  readonly isPlain: boolean
}

interface FieldSeries {
  readonly name: Buffer
  readonly series: SeriesRef
  readonly isPlain: boolean
}

/** Whether there are neither spaces nor control characters in it. */
export const isPlain = (bytes: Buffer) => bytes.every((byte) => byte > space)

/** FNV-1a, 32 bits: begin with `emptyHash`, and give it byte after byte. */
export const emptyHash = 0x811c9dc5
export const hashByte = (hash: number, byte: number) => Math.imul(hash ^ byte, 0x01000193)

/** The heads of a stream of lines, by the hash of their bytes, so that a line that is known makes no string. */
export class LineHeads {
  /** Two heads of the same hash push each other out: slow, but never wrong. */
  readonly #heads: GenerationalCache<number, LineHead>
  /** Few names serve many heads: one copy of each stays in the processor's cache. */
  readonly #names: GenerationalCache<string, Buffer>

  constructor(size: number) {
    this.#heads = new GenerationalCache(size)
    this.#names = new GenerationalCache(size)
  }

  /** The head in bytes [from, to), of which `hash` is the hash. Throws BadRecordError when a tag is not one. */
  at(bytes: Buffer, from: number, to: number, hash: number): LineHead {
    const known = this.known(bytes, from, to, hash)
    if (known) return known
    const head = parseHead(Buffer.from(bytes.subarray(from, to)))
    this.#heads.set(hash, head)
    return head
  }

  /** Undefined when it is a new one. */
  known(bytes: Buffer, from: number, to: number, hash: number): LineHead | undefined {
    const known = this.#heads.get(hash)
    return known && known.bytes.length === to - from && startsWith(bytes, from, known.bytes)
      ? known
      : undefined
  }

  /** The field name in bytes [from, to), as bytes of its own. */
  name(bytes: Buffer, from: number, to: number): Buffer {
    const key = bytes.toString('latin1', from, to)
    let name = this.#names.get(key)
    if (!name) {
      name = Buffer.from(bytes.subarray(from, to))
      this.#names.set(key, name)
    }
    return name
  }
}

const backslash = 0x5c
const comma = 0x2c
const equals = 0x3d
const space = 0x20

/** Whether a backslash stands at `at` that takes its meaning from the byte behind it. One before a backslash is only itself. */
export function isEscape(bytes: Buffer, at: number): boolean {
  if (bytes[at] !== backslash) return false
  const next = bytes[at + 1]
  return next === comma || next === equals || next === space
}

/** Whether this text stands in `bytes` at `from`. */
export function startsWith(bytes: Buffer, from: number, text: Buffer): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text[i]) return false
  return true
}

function parseHead(bytes: Buffer): LineHead {
  const [measurement = '', ...tags] = splitUnescaped(bytes.toString('utf8'), ',')
  return {
    bytes,
    measurement: measurement.replace(/\\([, ])/g, '$1'),
    tags: tags.map((text) => {
      const [key, value, more] = splitUnescaped(text, '=')
      if (!key || !value || more !== undefined)
        throw new BadRecordError('unparseable', `“${text.slice(0, 80)}” is not a tag: key=value`)
      return { key: unescapeName(key), value: unescapeName(value) }
    }),
    fields: [],
    isPlain: isPlain(bytes),
  }
}

export const unescapeName = (text: string) => text.replace(/\\([,= ])/g, '$1')

function splitUnescaped(text: string, separator: string): readonly string[] {
  const parts: string[] = []
  let from = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\' && text[at + 1] !== '\\') at++
    else if (text[at] === separator) {
      parts.push(text.slice(from, at))
      from = at + 1
    }
  }
  parts.push(text.slice(from))
  return parts
}
