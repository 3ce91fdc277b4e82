/** Whether `text` matches a pattern in which each * stands for any characters. */
export function matches(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return pattern === text
  if (!text.startsWith(first)) return false
  const last = rest.pop()!
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}

/** Whether there is a text that both patterns match. */
export function overlap(a: string, b: string): boolean {
  // reach[j]: whether what was read of a, and the first j characters of b, can be the same text.
  let reach = Array.from({ length: b.length + 1 }, (_, j) => /^\**$/.test(b.slice(0, j)))
  for (const char of a) {
    const next = [char === '*' && reach[0]!]
    for (let j = 1; j <= b.length; j++) {
      const other = b[j - 1]!
      if (char === '*') next[j] = reach[j]! || next[j - 1]!
      else if (other === '*') next[j] = reach[j]! || next[j - 1]!
      else next[j] = reach[j - 1]! && char === other
    }
    reach = next
  }
  return reach[b.length]!
}
