/** The texts that the * of a pattern stand for in `text`, each as short as it can be, or undefined when it does not match. */
export function starsOf(pattern: string, text: string): readonly string[] | undefined {
  const [first = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return pattern === text ? [] : undefined
  if (!text.startsWith(first)) return undefined
  const last = rest.pop()!
  const stars: string[] = []
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found < 0) return undefined
    stars.push(text.slice(at, found))
    at = found + part.length
  }
  const end = text.length - last.length
  return end >= at && text.endsWith(last) ? [...stars, text.slice(at, end)] : undefined
}

/** `to` with the texts in the place of its *, one after the other. */
export function withStars(to: string, stars: readonly string[]): string {
  const [first = '', ...rest] = to.split('*')
  return rest.reduce((name, part, i) => name + (stars[i] ?? '') + part, first)
}
