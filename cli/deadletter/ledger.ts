import { ConfigurationError } from '../../shared/errors.ts'
import { decodeCommitMetadata, encodeCommitMetadata } from '../../shared/stream/commit-metadata.ts'

/** What is left of the commit metadata's 4,096 bytes beside its own two numbers. */
const maxMemoLength = 4_000

interface Range {
  readonly start: number
  /** Exclusive. */
  end: number
}

/**
 * Which dead letters of a partition have been re-driven: all before an offset, and behind it ranges. It is kept in the
 * group's committed offset and its metadata, so that it changes in the very transaction that sends the records.
 */
export class Ledger {
  readonly #before: number
  readonly #known: readonly Range[]
  /** Of the letters looked at in this run. */
  #done: Range[] = []
  #firstPending: number | undefined
  #next: number
  #lastWasDone = false

  /** From what the group has committed last; nothing at first. */
  constructor(committed?: { readonly offset: number; readonly metadata: string }) {
    this.#before = committed?.offset ?? 0
    this.#next = this.#before
    this.#known = rangesOf(this.#before, decodeCommitMetadata(committed?.metadata ?? '')?.memo ?? '')
  }

  has(offset: number): boolean {
    return offset < this.#before || this.#known.some(({ start, end }) => offset >= start && offset < end)
  }

  /** Takes note of the next letter, in order of offsets. Between two letters lie only ends of transactions. */
  note(offset: number, redriven: boolean): void {
    if (offset >= this.#before) {
      if (!redriven) this.#firstPending ??= offset
      else if (this.#firstPending !== undefined) {
        if (this.#lastWasDone) this.#done.at(-1)!.end = offset + 1
        else this.#done.push({ start: offset, end: offset + 1 })
      }
      this.#lastWasDone = redriven && this.#firstPending !== undefined
    }
    this.#next = Math.max(this.#next, offset + 1)
  }

  /** What the group is to commit. Throws ConfigurationError when there are more ranges than it can hold. */
  commit(): { readonly offset: number; readonly metadata: string } {
    const offset = this.#firstPending ?? this.#next
    const later = this.#known
      .filter(({ end }) => end > this.#next)
      .map(({ start, end }) => ({ start: Math.max(start, this.#next), end }))
    const memo = memoOf(offset, [...this.#done, ...later])
    if (memo.length > maxMemoLength) {
      throw new ConfigurationError(
        'The chosen dead letters lie among too many others to be noted one by one: re-drive fewer, with --from and --to, or all of them.',
      )
    }
    return { offset, metadata: encodeCommitMetadata({ emitted: offset, memo }) }
  }
}

/** `gap.length.gap.length…` in base 36, counted from `offset`. */
function memoOf(offset: number, ranges: readonly Range[]): string {
  const numbers: number[] = []
  let at = offset
  for (const { start, end } of ranges) {
    numbers.push(start - at, end - start)
    at = end
  }
  return numbers.map((number) => number.toString(36)).join('.')
}

function rangesOf(offset: number, memo: string): readonly Range[] {
  const numbers = memo === '' ? [] : memo.split('.').map((text) => parseInt(text, 36))
  const ranges: Range[] = []
  let at = offset
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    const start = at + numbers[i]!
    at = start + numbers[i + 1]!
    ranges.push({ start, end: at })
  }
  return ranges
}
