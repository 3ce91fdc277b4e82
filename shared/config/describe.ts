import { type Section, type SectionConfig, settingsOf } from './section.ts'

const mask = '********'

/**
 * The effective configuration, for people to read: each section under its name in the file, secrets masked, passwords in
 * addresses too. What is not set is left out.
 */
export function describeConfig<S extends Readonly<Record<string, Section>>>(
  sections: S,
  config: { readonly [K in keyof S]: SectionConfig<S[K]> },
): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const values = new Map<string, unknown>(Object.entries(config))
  return Object.fromEntries(
    Object.entries(sections).map(([key, section]) => {
      const shown: Record<string, unknown> = {}
      for (const { path, secret } of settingsOf(section)) {
        const value = path.slice(1).reduce(step, values.get(key))
        if (value !== undefined) put(shown, path.slice(1), secret ? mask : withoutPassword(value))
      }
      return [section.name, shown]
    }),
  )
}

function step(value: unknown, key: string): unknown {
  return isObject(value) ? value[key] : undefined
}

function put(target: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    target[key] = value
    return
  }
  const below = target[key]
  const next = isObject(below) ? below : {}
  target[key] = next
  put(next, rest, value)
}

/** Some put the password into the address itself: https://user:password@host. */
export function withoutPassword(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPassword)
  return typeof value === 'string' ? value.replace(/(:\/\/[^\s/:@]*):[^\s/]*@/g, `$1:${mask}@`) : value
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
