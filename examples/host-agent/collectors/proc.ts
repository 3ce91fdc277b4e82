import { readFile } from 'node:fs/promises'

/** A file below /proc as lines of words; none where there is no /proc. */
export async function procWords(file: string): Promise<readonly (readonly string[])[]> {
  const text = await readFile(`/proc/${file}`, 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.trim().split(/\s+/))
}

/** The number behind a word in a line such as `TCP: inuse 5 orphan 0`. */
export function numberAfter(
  words: readonly string[] | undefined,
  word: string,
): { readonly integer: number } | undefined {
  const at = words?.indexOf(word) ?? -1
  const value = at >= 0 ? Number(words![at + 1]) : Number.NaN
  return Number.isFinite(value) ? { integer: value } : undefined
}
