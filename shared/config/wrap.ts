/** Breaks text at spaces into lines of at most `width` characters, `prefix` included; a longer word keeps a line of its own. */
export function wrap(text: string, prefix: string, width = 100): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(prefix + word)
  }
  return lines
}
