import { hashText } from '../../../shared/series/series.ts'

/** Length of the memo, at most: it shares Kafka's commit metadata with what else the normalizer remembers. */
export const maxMemoLength = 900

/** Hashes have 24 bits, which are four characters. */
const hashLength = 4
const scopeLength = hashLength + 1

/**
 * Bounds how many values a tag may have. Those that come first are admitted, for ever, so that the same event gives the
 * same series after a restart and in a replay. Only hashes are kept: one in some hundred thousand strange values passes
 * for an admitted one, and is a series more.
 */
export class BoundedValues {
  readonly #maxPerScope: number
  readonly #scopes = new Map<number, Set<number>>()
  #length = 0

  /** `memo` is the `memo` of the values before. Throws RangeError when it is damaged. */
  constructor(maxPerScope: number, memo = '') {
    this.#maxPerScope = maxPerScope
    if (memo === '') return
    for (const text of memo.split('.')) {
      const [scope, ...values] = hashesIn(text)
      this.#scopes.set(scope!, new Set(values))
    }
    this.#length = memo.length + 1
  }

  /** Whether `value` may stand where `scope` says, such as a tag of a service. One that is new is admitted if `learns`, and there is room. */
  admits(scope: string, value: string, learns = true): boolean {
    const scopeHash = hashOf(scope)
    const valueHash = hashOf(value)
    const values = this.#scopes.get(scopeHash)
    if (values?.has(valueHash)) return true
    if (!learns || (values?.size ?? 0) >= this.#maxPerScope) return false
    const more = hashLength + (values ? 0 : scopeLength)
    if (this.#length + more > maxMemoLength) return false
    if (values) values.add(valueHash)
    else this.#scopes.set(scopeHash, new Set([valueHash]))
    this.#length += more
    return true
  }

  /** All that was admitted. */
  get memo(): string {
    return [...this.#scopes].map(([scope, values]) => [scope, ...values].map(textOf).join('')).join('.')
  }
}

const hashOf = (text: string) => hashText(text) >>> 8

const textOf = (hash: number) => Buffer.of(hash >>> 16, hash >>> 8, hash).toString('base64url')

function hashesIn(text: string): readonly number[] {
  const bytes = Buffer.from(text, 'base64url')
  if (!/^(?:[\w-]{4}){2,}$/.test(text))
    throw new RangeError(`“${text.slice(0, 40)}” is not what tags of derived points may be`)
  return Array.from({ length: bytes.length / 3 }, (_, i) => bytes.readUIntBE(3 * i, 3))
}
