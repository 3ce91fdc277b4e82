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
 * what it has sent before, so that names and texts are recognized by comparing bytes. It knows what is plain, and is unsure of the
 * rest: escapes in keys, keys that come twice, keys that are numbers, and all that is no JSON.
 */
export class JsonScanner {
  readonly #names: FieldNames
  readonly #add: (name: Name, text: string) => void
  readonly #texts = new Array<string>(textsAtHand).fill('')
  #bytes: Buffer = Buffer.alloc(0)
  #event = 0

  constructor(names: FieldNames, add: (name: Name, text: string) => void) {
    this.#names = names
    this.#add = add
  }

  /** `bytes` are valid UTF-8; `event` is a number that no event had before. False when it is unsure, whatever it has told. */
  scan(bytes: Buffer, event: number): boolean {
    this.#bytes = bytes
    this.#event = event
    const from = afterBlanks(bytes, 0)
    if (bytes[from] !== openBrace) return false
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
    if (depth > maxDepth) return unsure
    let pos = afterBlanks(bytes, from)
    if (bytes[pos] === closeBrace) return pos + 1
    let before: Name | undefined
    for (;;) {
      if (bytes[pos] !== quote) return unsure
      const expected = before ? before.next : at.firstBelow
      const name =
        expected && isTextAt(bytes, pos + 1, expected.lastKey) ? expected : this.#nameAt(at, before, pos + 1)
      // A key that comes twice counts once.
      if (!name || name.event === this.#event) return unsure
      name.event = this.#event
      before = name
      pos = afterBlanks(bytes, pos + name.lastKey.length + 2)
      if (bytes[pos] !== colon) return unsure
      pos = this.#value(name, afterBlanks(bytes, pos + 1), depth)
      if (pos === unsure) return unsure
      pos = afterBlanks(bytes, pos)
      const after = bytes[pos]
      if (after === closeBrace) return pos + 1
      if (after !== comma) return unsure
      pos = afterBlanks(bytes, pos + 1)
    }
  }

  /** The name of the key that begins here, another than was expected. */
  #nameAt(at: Name, before: Name | undefined, from: number): Name | undefined {
    const bytes = this.#bytes
    let end = from
    let isNumber = true
    for (; ; end++) {
      const byte = bytes[end]
      if (byte === quote) break
      if (byte === undefined || byte < 0x20 || byte > 0x7e || byte === backslash) return undefined
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
    const first = bytes[from]!
    if (first === quote) return this.#text(name, from)
    if (first === openBrace) return this.#object(name, from + 1, depth + 1)
    if (first === minus || (first >= zero && first <= nine)) return this.#number(name, from)
    if (first === openBracket) return this.#list(name, from)
    for (const word of words)
      if (isAt(bytes, from, word)) {
        if (word !== 'null') this.#add(name, word)
        return from + word.length
      }
    return unsure
  }

  #text(name: Name, from: number): number {
    const bytes = this.#bytes
    let end = from + 1
    let all = 0
    let hash = 0
    let byte = bytes[end]
    while (byte !== quote) {
      if (byte === undefined || byte < 0x20) return unsure
      if (byte === backslash) return this.#escapedText(name, from, end)
      all |= byte
      hash = (Math.imul(hash, 31) + byte) | 0
      byte = bytes[++end]
    }
    if (all >= 0x80) this.#add(name, bytes.toString('utf8', from + 1, end))
    else this.#add(name, this.#plain(name, from + 1, end, hash))
    return end + 1
  }

  /** ASCII, mostly a text that came before: then the same string, of which much is known already. */
  #plain(name: Name, from: number, end: number, hash: number): string {
    const bytes = this.#bytes
    const isUnlikely = name.news >= patience && name.known * 4 < name.news
    if (isUnlikely || end - from > maxTextAtHand) return bytes.toString('latin1', from, end)
    const place = (hash ^ (hash >>> 12)) & (textsAtHand - 1)
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
    while (bytes[end] !== quote) {
      if (end >= bytes.length) return unsure
      end += bytes[end] === backslash ? 2 : 1
    }
    this.#add(name, textOf(JSON.parse(bytes.toString('utf8', from, end + 1))))
    return end + 1
  }

  #number(name: Name, from: number): number {
    const bytes = this.#bytes
    const start = bytes[from] === minus ? from + 1 : from
    let end = start
    let hash = 0
    for (let byte = bytes[end]!; byte >= zero && byte <= nine; byte = bytes[++end]!)
      hash = (Math.imul(hash, 31) + byte) | 0
    const digits = end - start
    // These are written as they are read; of others JavaScript decides.
    const isPlain =
      digits > 0 &&
      digits < 16 &&
      (bytes[start] !== zero || (digits === 1 && start === from)) &&
      !isInNumber(bytes[end])
    if (isPlain) {
      this.#add(name, this.#plain(name, from, end, start === from ? hash : ~hash))
      return end
    }
    while (isInNumber(bytes[end])) end++
    this.#add(name, textOf(JSON.parse(bytes.toString('latin1', from, end))))
    return end
  }

  #list(name: Name, from: number): number {
    const bytes = this.#bytes
    // A whole list does not go on as a longer one.
    if (name.list !== '' && isAt(bytes, from, name.list)) {
      this.#add(name, name.listText)
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
    this.#add(name, text)
    return end
  }
}

const words = ['true', 'false', 'null'] as const

function afterBlanks(bytes: Buffer, from: number): number {
  let at = from
  for (let byte = bytes[at]; byte !== undefined && isBlank(byte); byte = bytes[++at]);
  return at
}

const isBlank = (byte: number) =>
  byte <= 0x20 && (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09)

/** Of what follows the first digits of a number: all that JSON.parse must see to accept or refuse it. */
const isInNumber = (byte: number | undefined) =>
  byte !== undefined &&
  ((byte >= zero && byte <= nine) ||
    byte === point ||
    byte === minus ||
    byte === 0x2b ||
    (byte | 0x20) === 0x65)

/** Whether these bytes are this text, which is ASCII. */
function isAt(bytes: Buffer, from: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text.charCodeAt(i)) return false
  return true
}

/** Likewise, with a quote behind it. */
const isTextAt = (bytes: Buffer, from: number, text: string) =>
  bytes[from + text.length] === quote && isAt(bytes, from, text)

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
