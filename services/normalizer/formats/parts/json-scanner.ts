import { BadRecordError } from '../../../../shared/errors.ts'
import type { FieldNames, Name } from './field-names.ts'
import { maxDepth, textOf } from './json-value.ts'

/** What stops the scanner: only JSON.parse can tell what is there. */
const unsure = -1

/** Texts at hand, in places by what a glance tells of them. A power of two. */
const textsAtHand = 4_096

/** Longer texts and lists are not kept at hand. */
const maxTextAtHand = 256
const maxListAtHand = 1_024

/** New texts of a field before it is taken for one whose texts never come again. */
const patience = 64

const quote = 0x22
const comma = 0x2c
const minus = 0x2d
const point = 0x2e
const zero = 0x30
const nine = 0x39
const colon = 0x3a
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

/**
 * Goes over the bytes of a JSON object and tells its fields, without making objects of them: what an agent sends is mostly
 * what it has sent before, so that most of it is compared with the event before, byte by byte. It knows what is plain, and is
 * unsure of the rest: escapes in keys, keys that come twice, keys that are numbers, and all that is no JSON.
 */
export class JsonScanner {
  readonly #names: FieldNames
  readonly #add: (name: Name, text: string) => void
  readonly #texts = new Array<string>(textsAtHand).fill('')
  #bytes: Buffer = Buffer.alloc(0)
  /** All of the memory that the event stands in, which is mostly that of the one before too, and where it begins there. */
  #memory = new DataView(this.#bytes.buffer)
  #offset = 0
  #memoryBefore = this.#memory
  #offsetBefore = 0
  #event = 0
  /** The number of the event before. */
  #eventBefore = 0

  constructor(names: FieldNames, add: (name: Name, text: string) => void) {
    this.#names = names
    this.#add = add
  }

  /** `bytes` are valid UTF-8; `event` is a number above 0 that no event had before. False when it is unsure, whatever it has told. */
  scan(bytes: Buffer, event: number): boolean {
    this.#memoryBefore = this.#memory
    this.#offsetBefore = this.#offset
    this.#eventBefore = this.#event
    if (this.#memory.buffer !== bytes.buffer) this.#memory = new DataView(bytes.buffer)
    this.#offset = bytes.byteOffset
    this.#bytes = bytes
    this.#event = event
    const from = afterBlanks(bytes, 0)
    if (byteAt(bytes, from) !== openBrace) return false
    try {
      const end = this.#object(this.#names.root, from + 1, 0)
      return end !== unsure && afterBlanks(bytes, end) === bytes.length
    } catch (error) {
      if (!(error instanceof BadRecordError || error instanceof SyntaxError)) throw error
      return false
    }
  }

  /** From behind its brace to behind its other one. */
  #object(at: Name, from: number, depth: number): number {
    const bytes = this.#bytes
    const event = this.#event
    if (depth > maxDepth) return unsure
    let pos = afterBlanks(bytes, from)
    if (byteAt(bytes, pos) === closeBrace) return pos + 1
    let before: Name | undefined
    for (;;) {
      if (byteAt(bytes, pos) !== quote) return unsure
      pos++
      let name = before ? before.next : at.firstBelow
      const same = name ? this.#sameAsBefore(name, pos) : 0
      let valueAt: number
      if (name && same > 0) {
        if (name.event === event) return unsure
        valueAt = afterBlanks(bytes, pos + name.valueAt - name.keyAt)
      } else {
        if (!name || !isTextAt(bytes, pos, name.lastKey)) name = this.#nameAt(at, before, pos)
        // A key that comes twice counts once.
        if (!name || name.event === event) return unsure
        valueAt = afterBlanks(bytes, pos + name.lastKey.length + 1)
        if (byteAt(bytes, valueAt) !== colon) return unsure
        valueAt = afterBlanks(bytes, valueAt + 1)
      }
      const { last, endAt, keyAt } = name
      name.event = event
      name.keyAt = pos
      name.valueAt = valueAt
      before = name
      if (last !== undefined && same === endAt - keyAt) {
        pos += same
        name.endAt = pos
        this.#add(name, last)
      } else {
        name.last = undefined
        name.endAt = valueAt
        pos = this.#value(name, valueAt, depth)
        if (pos === unsure) return unsure
        if (name.last !== undefined) name.endAt = pos
      }
      let after = byteAt(bytes, pos)
      if (after !== comma && after !== closeBrace) {
        pos = afterBlanks(bytes, pos)
        after = byteAt(bytes, pos)
      }
      if (after === closeBrace) return pos + 1
      if (after !== comma) return unsure
      pos++
      if (byteAt(bytes, pos) !== quote) pos = afterBlanks(bytes, pos)
    }
  }

  /** How many bytes from the key on are what they were in the event before: none, up to the value, or with the whole value. */
  #sameAsBefore({ event, keyAt, valueAt, endAt }: Name, from: number): number {
    if (event !== this.#eventBefore) return 0
    const length = endAt - keyAt
    // With a byte behind the value.
    if (from + length >= this.#bytes.length) return 0
    const same = sameBytes(
      this.#memoryBefore,
      this.#offsetBefore + keyAt,
      this.#memory,
      this.#offset + from,
      length,
    )
    // A number may go on.
    if (same === length && !isInNumber(this.#bytes[from + length]!)) return length
    const keyLength = valueAt - keyAt
    return same < keyLength ? 0 : keyLength
  }

  /** The name of the key that begins here, another than was expected. */
  #nameAt(at: Name, before: Name | undefined, from: number): Name | undefined {
    const bytes = this.#bytes
    let end = from
    let isNumber = true
    for (; ; end++) {
      const byte = byteAt(bytes, end)
      if (byte === quote) break
      if (!(byte >= 0x20 && byte <= 0x7e) || byte === backslash) return undefined
      isNumber &&= byte >= zero && byte <= nine
    }
    // Objects have their numbered keys first.
    if (isNumber) return undefined
    const { strangers } = this.#names
    const name = this.#names.below(at, bytes.toString('latin1', from, end))
    if (this.#names.strangers !== strangers) return undefined
    if (before) before.next = name
    else at.firstBelow = name
    return name
  }

  #value(name: Name, from: number, depth: number): number {
    const bytes = this.#bytes
    const first = byteAt(bytes, from)
    if (first === quote) return this.#text(name, from)
    if (first === openBrace) return this.#object(name, from + 1, depth + 1)
    if (first === minus || (first >= zero && first <= nine)) return this.#number(name, from)
    if (first === openBracket) return this.#list(name, from)
    for (const word of words)
      if (isAt(bytes, from, word)) {
        if (word !== 'null') this.#tell(name, word)
        return from + word.length
      }
    return unsure
  }

  #tell(name: Name, text: string): void {
    name.last = text
    this.#add(name, text)
  }

  #text(name: Name, from: number): number {
    const bytes = this.#bytes
    let end = from + 1
    while (end < bytes.length && isPlain[bytes[end]!] === 1) end++
    if (byteAt(bytes, end) === quote) {
      this.#tell(name, this.#plain(name, from + 1, end))
      return end + 1
    }
    for (; byteAt(bytes, end) !== quote; end++) {
      const byte = byteAt(bytes, end)
      if (!(byte >= 0x20)) return unsure
      if (byte === backslash) return this.#escapedText(name, from, end)
    }
    this.#tell(name, bytes.toString('utf8', from + 1, end))
    return end + 1
  }

  /** ASCII, mostly a text that came before: then the same string, of which much is known already. */
  #plain(name: Name, from: number, end: number): string {
    const bytes = this.#bytes
    const isUnlikely = name.news >= patience && name.known * 4 < name.news
    if (isUnlikely || end - from > maxTextAtHand) return bytes.toString('latin1', from, end)
    const place = placeOf(bytes, from, end)
    const text = this.#texts[place]!
    if (text.length === end - from && isAt(bytes, from, text)) {
      name.known++
      return text
    }
    name.news++
    const made = bytes.toString('latin1', from, end)
    this.#texts[place] = made
    return made
  }

  #escapedText(name: Name, from: number, slash: number): number {
    const bytes = this.#bytes
    let end = slash
    while (byteAt(bytes, end) !== quote) {
      if (end >= bytes.length) return unsure
      end += bytes[end] === backslash ? 2 : 1
    }
    this.#tell(name, textOf(JSON.parse(bytes.toString('utf8', from, end + 1))))
    return end + 1
  }

  #number(name: Name, from: number): number {
    const bytes = this.#bytes
    const start = bytes[from] === minus ? from + 1 : from
    let end = start
    while (end < bytes.length && bytes[end]! >= zero && bytes[end]! <= nine) end++
    const digits = end - start
    // These are written as they are read; of others JavaScript decides.
    const isSame =
      digits > 0 &&
      digits < 16 &&
      (byteAt(bytes, start) !== zero || (digits === 1 && start === from)) &&
      !isInNumber(byteAt(bytes, end))
    if (isSame) {
      this.#tell(name, this.#plain(name, from, end))
      return end
    }
    while (isInNumber(byteAt(bytes, end))) end++
    this.#tell(name, textOf(JSON.parse(bytes.toString('latin1', from, end))))
    return end
  }

  #list(name: Name, from: number): number {
    const bytes = this.#bytes
    // A whole list does not go on as a longer one.
    if (name.list !== '' && isAt(bytes, from, name.list)) {
      this.#tell(name, name.listText)
      return from + name.list.length
    }
    const end = endOfList(bytes, from)
    if (end === unsure) return unsure
    const list = bytes.toString('utf8', from, end)
    const text = textOf(JSON.parse(list))
    // Of more than ASCII, bytes are not characters.
    if (list.length === end - from && list.length <= maxListAtHand) {
      name.list = list
      name.listText = text
    }
    this.#tell(name, text)
    return end
  }
}

/** Whether a byte stands for itself in a text, and does not end it. */
const isPlain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x7f && byte !== quote && byte !== backslash ? 1 : 0,
)

/** Where this text would be at hand: its ends tell most texts of a field apart. */
function placeOf(bytes: Buffer, from: number, end: number): number {
  let hash = end - from
  for (let at = Math.max(from, end - 8); at < end; at++) hash = Math.imul(hash, 31) + bytes[at]!
  return (hash ^ (hash >>> 12)) & (textsAtHand - 1)
}

const words = ['true', 'false', 'null'] as const

// No loop reads a byte that is not there: V8 makes code of it that is ten times slower ever after.

/** -1 behind the end. */
const byteAt = (bytes: Buffer, at: number) => (at < bytes.length ? bytes[at]! : -1)

function afterBlanks(bytes: Buffer, from: number): number {
  let at = from
  while (at < bytes.length && isBlank(bytes[at]!)) at++
  return at
}

/** How many of `length` bytes are the same, from the first on; both views have that many. */
function sameBytes(a: DataView, atA: number, b: DataView, atB: number, length: number): number {
  let i = 0
  for (; i + 4 <= length; i += 4) if (a.getInt32(atA + i) !== b.getInt32(atB + i)) break
  while (i < length && a.getUint8(atA + i) === b.getUint8(atB + i)) i++
  return i
}

const isBlank = (byte: number) =>
  byte <= 0x20 && (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09)

/** Of what follows the first digits of a number: all that JSON.parse must see to accept or refuse it. */
const isInNumber = (byte: number) =>
  (byte >= zero && byte <= nine) ||
  byte === point ||
  byte === minus ||
  byte === 0x2b ||
  (byte | 0x20) === 0x65

/** Whether these bytes are this text, which is ASCII. */
function isAt(bytes: Buffer, from: number, text: string): boolean {
  if (from + text.length > bytes.length) return false
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text.charCodeAt(i)) return false
  return true
}

/** Likewise, with a quote behind it. */
const isTextAt = (bytes: Buffer, from: number, text: string) =>
  byteAt(bytes, from + text.length) === quote && isAt(bytes, from, text)

/** Behind the bracket that closes the list; brackets in texts don't count. */
function endOfList(bytes: Buffer, from: number): number {
  let depth = 0
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte === quote) {
      for (at++; at < bytes.length && bytes[at] !== quote; at++) if (bytes[at] === backslash) at++
    } else if (byte === openBracket) depth++
    else if (byte === closeBracket && --depth === 0) return at + 1
  }
  return unsure
}
