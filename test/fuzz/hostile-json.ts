/** What JSON can hold that no text or number can be made of, or only by recursion. */
const hostileValues: readonly string[] = [
  '{"toString":1,"valueOf":1}',
  '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
  '{"length":1e9,"0":1}',
  `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
  `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
  '1e999',
  '"\\ud800"',
  'null',
  '[]',
]

const placeholder = '__placeholder__'

/** The document with each of its values, one at a time, replaced by each hostile one. */
export function* hostileVariants(document: unknown): Generator<string> {
  for (const variant of variantsOf(document)) {
    const text = JSON.stringify(variant)
    for (const hostile of hostileValues) yield text.replace(`"${placeholder}"`, () => hostile)
  }
}

function* variantsOf(value: unknown): Generator<unknown> {
  yield placeholder
  if (typeof value !== 'object' || value === null) return
  const [isList, entries] = [Array.isArray(value), Object.entries(value)]
  for (const [key, inner] of entries) {
    for (const variant of variantsOf(inner)) {
      const changed = entries.map(([name, kept]) => [name, name === key ? variant : kept] as const)
      yield isList ? changed.map(([, kept]) => kept) : Object.fromEntries(changed)
    }
  }
}
