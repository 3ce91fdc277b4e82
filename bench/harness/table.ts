/** A table for a terminal, and for pasting: columns of figures to the right, columns of words to the left. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows
  const columns = head.map((_, i) => ({
    width: Math.max(...rows.map((row) => (row[i] ?? '').length)),
    figures: body.every((row) => isFigure(row[i] ?? '')),
  }))
  const line = (row: readonly string[]) =>
    `| ${columns
      .map(({ width, figures }, i) =>
        figures ? (row[i] ?? '').padStart(width) : (row[i] ?? '').padEnd(width),
      )
      .join(' | ')} |`
  const rule = `|${columns.map(({ width, figures }) => (figures ? `${'-'.repeat(width + 1)}:` : '-'.repeat(width + 2))).join('|')}|`
  return [line(head), rule, ...body.map(line)].join('\n')
}

const isFigure = (text: string) => /^(–|-?[\d,.]+)$/.test(text)

/** 1,234,567; with decimals where the number is small. A dash for nothing. */
export function figure(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–'
  const size = Math.abs(value)
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
  return value.toLocaleString('en', { maximumFractionDigits: digits })
}
