/** Texts by name, in an order; no name comes twice. Cheaper to make and to go through than an object is. */
export interface Fields {
  readonly names: readonly string[]
  /** As many. */
  readonly texts: readonly string[]
}

export const noFields: Fields = { names: [], texts: [] }

/** The text of that name. */
export function textNamed({ names, texts }: Fields, name: string): string | undefined {
  const at = names.indexOf(name)
  return at < 0 ? undefined : texts[at]
}

/** With these texts too, or instead where it has their names. */
export function withFields(fields: Fields, more: Readonly<Record<string, string>>): Fields {
  const names = [...fields.names]
  const texts = [...fields.texts]
  for (const name of Object.keys(more)) {
    const at = names.indexOf(name)
    texts[at < 0 ? texts.length : at] = more[name]!
    if (at < 0) names.push(name)
  }
  return { names, texts }
}

/** As an object. */
export function recordOf({ names, texts }: Fields): Readonly<Record<string, string>> {
  const record: Record<string, string> = {}
  for (let i = 0; i < names.length; i++) setOwn(record, names[i]!, texts[i]!)
  return record
}

/** Sets a property whatever its name. */
export function setOwn(object: Record<string, string>, name: string, text: string): void {
  // Assigned, it would be lost.
  if (name === '__proto__')
    Object.defineProperty(object, name, { value: text, enumerable: true, configurable: true, writable: true })
  else object[name] = text
}
