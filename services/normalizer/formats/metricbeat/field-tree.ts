import { BadRecordError } from '../../../../shared/errors.ts'
import { isIdentity } from './fields.ts'

/** Each field below a long name has it in its own. */
const maxPathLength = 4_096

/** A name within a module, with what does not change from event to event. */
export interface Field {
  readonly path: string
  readonly isIdentity: boolean
  /** Different for all fields of a tree. */
  readonly index: number
  readonly inner: Map<string, Field>
}

/** All names that have been seen, so that one that is known is found part by part and its path is not put together again. */
export class FieldTree {
  readonly #limit: number
  readonly #modules = new Map<string, Field>()
  #size = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** A stranger whose events have ever other fields must not fill the memory: then one begins with a new tree. */
  get isFull(): boolean {
    return this.#size >= this.#limit
  }

  module(name: string): Field {
    return this.#modules.get(name) ?? this.#grow(this.#modules, name, name)
  }

  /** Throws BadRecordError when its name is too long. */
  inside({ path, inner }: Field, key: string): Field {
    const known = inner.get(key)
    if (known) return known
    if (path.length + key.length >= maxPathLength)
      throw new BadRecordError(
        'name_too_long',
        `the name of a field is longer than ${maxPathLength} characters: “${path.slice(0, 40)}…”`,
      )
    return this.#grow(inner, key, `${path}.${key}`)
  }

  #grow(siblings: Map<string, Field>, key: string, path: string): Field {
    const field = {
      path: path.toWellFormed(),
      isIdentity: isIdentity(path),
      index: this.#size++,
      inner: new Map(),
    }
    siblings.set(key, field)
    return field
  }
}
