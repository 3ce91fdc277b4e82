import { describe, expect, it } from 'vitest'
import { changedPrototype } from '../../fuzz/prototypes.ts'

const prototypes: readonly (readonly [string, object])[] = [
  ['Object.prototype', Object.prototype],
  ['Array.prototype', Array.prototype],
]

describe('the look at prototypes', () => {
  it('finds nothing where nothing has changed', () => {
    expect(changedPrototype()).toBeUndefined()
  })

  it.each(prototypes)('finds what was added to %s', (name, prototype) => {
    expect(whileIt(prototype, 'polluted', 1)).toBe(name)
    expect(changedPrototype()).toBeUndefined()
  })

  it.each(prototypes)('finds what was replaced in %s', (name, prototype) => {
    expect(whileIt(prototype, 'toString', () => '')).toBe(name)
    expect(changedPrototype()).toBeUndefined()
  })
})

/** What is found while the prototype has this, which is undone then. */
function whileIt(prototype: object, key: string, value: unknown): string | undefined {
  const before = Reflect.getOwnPropertyDescriptor(prototype, key)
  Reflect.defineProperty(prototype, key, { value, configurable: true, writable: true })
  try {
    return changedPrototype()
  } finally {
    if (before) Reflect.defineProperty(prototype, key, before)
    else Reflect.deleteProperty(prototype, key)
  }
}
