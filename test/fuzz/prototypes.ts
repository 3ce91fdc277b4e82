/** What every object and list of a program inherits: a name such as `__proto__` in an input must not reach it. */
const prototypes = { 'Object.prototype': Object.prototype, 'Array.prototype': Array.prototype }

/** Names and what stands under them, in turn. */
const contentsOf = (prototype: object): readonly unknown[] =>
  Reflect.ownKeys(prototype).flatMap((key) => {
    const { value, get, set } = Reflect.getOwnPropertyDescriptor(prototype, key)!
    return [key, value, get, set]
  })

const known = Object.entries(prototypes).map(([name, prototype]) => ({
  name,
  prototype,
  contents: contentsOf(prototype),
}))

/** The name of one that is no longer as it was when the program began: something was added, taken away or replaced. */
export const changedPrototype = (): string | undefined =>
  known.find(({ prototype, contents }) => {
    const now = contentsOf(prototype)
    return now.length !== contents.length || now.some((one, i) => !Object.is(one, contents[i]))
  })?.name
