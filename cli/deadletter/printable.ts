/**
 * Text that a stranger chose, harmless on a terminal: control characters, escape sequences, marks that turn the writing
 * direction and what Unicode has not assigned are shown by their numbers, `\x1b`. It stays on one line unless `lines`
 * lets line ends and tabs through. Backslashes are left as they are, so it is for people: programs take the bytes.
 */
export function printable(text: string, lines = false): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    if (lines && (character === '\n' || character === '\t')) return character
    if (character === '\n') return '\\n'
    if (character === '\r') return '\\r'
    if (character === '\t') return '\\t'
    const code = character.codePointAt(0)!
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}

/** JSON that is as harmless: what a terminal might obey is escaped, and a program reads the same. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(/(?!\n)[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  )

/** At most so many characters of a text, on one line. */
export function excerpt(text: string, maxLength: number): string {
  const shown = printable(text.slice(0, maxLength))
  return text.length > maxLength ? `${shown}…` : shown
}
