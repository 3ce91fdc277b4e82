import { nearest } from '../../../shared/config/nearest.ts'
import { grokPatterns } from './grok-patterns.ts'

/** A pattern in RE2's syntax, and how its groups are to be called, where RE2 allows no such name. */
interface Expanded {
  readonly source: string
  /** By the name of the group. */
  readonly fields: ReadonlyMap<string, string>
}

/** Beyond this a pattern is a mistake; names that stand for names can't make it explode either. */
const maxLength = 50_000

const reference = /%\{([A-Z0-9_]+)(?::([^}:]*))?\}/g
const fieldName = /^[A-Za-z_@][\w.@-]*$/

/**
 * Puts what they stand for in the place of %{NAME} and %{NAME:field}, the latter as a group of that name. Throws
 * SyntaxError with a clause about what is wrong.
 */
export function expandGrok(pattern: string): Expanded {
  const fields = new Map<string, string>()
  const source = pattern.replace(reference, (_, name: string, field?: string) => {
    const inner = expandName(name)
    if (field === undefined) return `(?:${inner})`
    if (!fieldName.test(field))
      throw new SyntaxError(`“${field}” in %{${name}:${field}} is no name of a field`)
    const group = `grok${fields.size}`
    fields.set(group, field)
    return `(?P<${group}>${inner})`
  })
  const left = /%\{[^}]*\}?/.exec(source)
  if (left) throw new SyntaxError(`“${left[0]}” is neither %{NAME} nor %{NAME:field}`)
  if (source.length > maxLength) throw new SyntaxError(`it becomes longer than ${maxLength} characters`)
  return { source, fields }
}

/** The names of the table stand for others of it, but never for themselves. */
function expandName(name: string): string {
  if (!Object.hasOwn(grokPatterns, name)) {
    const hint = nearest(name, Object.keys(grokPatterns))
    throw new SyntaxError(`there is no %{${name}}${hint ? `: did you mean %{${hint}}?` : ''}`)
  }
  return grokPatterns[name]!.replace(reference, (_, inner: string) => `(?:${expandName(inner)})`)
}
