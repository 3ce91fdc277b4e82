import type { Tag } from '../../../../shared/avro/types.ts'
import { BadRecordError } from '../../../../shared/errors.ts'

interface NameAndLabels {
  readonly name: string
  readonly labels: readonly Tag[]
}

// Sticky, and no two ways to match the same text, so that the time is linear in its length.
const bareName = /[^\s{},="]+/y
const quoted = /"((?:[^"\\]|\\.)*)"/sy
const blanks = /[ \t]*/y

/**
 * A sample's name and labels: `name{label="value",…}`, or with quotes around names of other characters
 * `{"a.name","a.label"="value"}`. Throws BadRecordError.
 */
export function parseNameAndLabels(text: string): NameAndLabels {
  const scanner = new Scanner(text)
  let name = scanner.match(bareName)?.[0]
  const labels: Tag[] = []
  scanner.skipBlanks()
  if (scanner.take('{')) {
    while (!scanner.take('}')) {
      const inQuotes = scanner.match(quoted)?.[1]
      const key = inQuotes === undefined ? scanner.match(bareName)?.[0] : unescaped(inQuotes)
      if (key === undefined) throw scanner.error('a label has no name')
      scanner.skipBlanks()
      if (scanner.take('=')) {
        scanner.skipBlanks()
        const value = scanner.match(quoted)?.[1]
        if (value === undefined) throw scanner.error(`the label “${key.slice(0, 80)}” has no quoted value`)
        labels.push({ key, value: unescaped(value) })
      } else if (inQuotes !== undefined && name === undefined) name = key
      else throw scanner.error(`the label “${key.slice(0, 80)}” has no value`)
      scanner.skipBlanks()
      if (!scanner.take(',') && !scanner.sees('}')) throw scanner.error('labels are parted by commas')
      scanner.skipBlanks()
    }
  }
  if (name === undefined) throw scanner.error('the sample has no name')
  return { name, labels }
}

class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found) this.#at = pattern.lastIndex
    return found ?? undefined
  }

  skipBlanks(): void {
    this.match(blanks)
  }

  sees(character: string): boolean {
    return this.#text[this.#at] === character
  }

  take(character: string): boolean {
    if (!this.sees(character)) return false
    this.#at++
    this.skipBlanks()
    return true
  }

  error(what: string): BadRecordError {
    return new BadRecordError('unparseable', `${what}: “${this.#text.slice(0, 80)}”`)
  }
}

/** Of what stood in quotes. */
export const unescaped = (text: string) =>
  text.includes('\\')
    ? text.replace(/\\([\\"n])/g, (_, character: string) => (character === 'n' ? '\n' : character))
    : text
