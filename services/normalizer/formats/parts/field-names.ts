import { BadRecordError } from '../../../../shared/errors.ts'

/** Of a dotted name, in characters: each field below a long name has it in its own. */
const maxNameLength = 4_096

/** Names that are kept at hand; a stranger who never sends the same one twice must not fill the memory. */
const maxKnownNames = 10_000

/** The name of an attribute, and where the event that is being read has it. */
interface Key {
  readonly text: string
  /** The number of the last event that had it. */
  event: number
  /** Its place there. */
  place: number
}

/** A field's dotted name, by the keys that lead to it. */
export interface Name {
  readonly text: string
  /** The last of the keys that lead to it. */
  readonly lastKey: string
  /** Where the text of a field that the format asks for is put; -1 for others. */
  readonly slot: number
  /** Whether it is an attribute even when the format has put it into a place of its own. */
  readonly isKept: boolean
  /** The attribute of its own name. */
  readonly key: Key
  /** The attribute that it becomes, where it is another. */
  readonly renamed: Key | undefined
  readonly below: Map<string, Name>
  /** What stood first below it, and next to it, when it came last: mostly it does again. */
  firstBelow: Name | undefined
  next: Name | undefined
  /** The number of the last event that had it. */
  event: number
  /** Where it stood there: its key behind the quote, its value, and the end of that; of an object, where it begins. */
  keyAt: number
  valueAt: number
  endAt: number
  /** The text that it had there; undefined of an object, and of null. */
  last: string | undefined
  /** Of its texts: how many were not among those at hand, and how many were. */
  news: number
  known: number
  /** Its last list as it stood in the event, and as it is told. */
  list: string
  listText: string
}

export interface NameOptions {
  /** Fields that the format asks for by their number in this list. */
  readonly wanted: readonly string[]
  /** Of the wanted ones, those that are attributes all the same. */
  readonly kept: readonly string[]
  /** Fields that become attributes of other names. */
  readonly renamed: ReadonlyMap<string, string>
}

/** Remembers the names of fields: to put them together again for each event costs more than the rest. */
export class FieldNames {
  readonly root: Name
  readonly #options: NameOptions
  readonly #keys = new Map<string, Key>()
  #known = 0
  /** Names that were given out without being remembered: two of them may be of the same field. */
  strangers = 0

  constructor(options: NameOptions) {
    this.#options = options
    this.root = this.#make('', '')
  }

  /** The name below `at`. Throws BadRecordError when it is too long. */
  below(at: Name, key: string): Name {
    return at.below.get(key) ?? this.#add(at, key)
  }

  #add(at: Name, key: string): Name {
    if (at.text.length + key.length >= maxNameLength)
      throw new BadRecordError(
        'name_too_long',
        `the name of a field is longer than ${maxNameLength} characters: “${(at.text || key).slice(0, 40)}…”`,
      )
    const name = this.#make((at === this.root ? key : `${at.text}.${key}`).toWellFormed(), key)
    if (this.#known < maxKnownNames) {
      this.#known++
      at.below.set(key, name)
    } else this.strangers++
    return name
  }

  #make(text: string, lastKey: string): Name {
    const { wanted, kept, renamed } = this.#options
    const slot = wanted.indexOf(text)
    const other = renamed.get(text)
    return {
      text,
      lastKey,
      slot,
      isKept: slot < 0 || kept.includes(text),
      key: this.#key(text),
      renamed: other === undefined || other === text ? undefined : this.#key(other),
      below: new Map(),
      firstBelow: undefined,
      next: undefined,
      event: 0,
      keyAt: 0,
      valueAt: 0,
      endAt: 0,
      last: undefined,
      news: 0,
      known: 0,
      list: '',
      listText: '',
    }
  }

  #key(text: string): Key {
    let key = this.#keys.get(text)
    if (!key) {
      key = { text, event: 0, place: 0 }
      if (this.#known < maxKnownNames) this.#keys.set(text, key)
    }
    return key
  }
}
