const pattern =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(?:(Z)|([+-])(\d\d):?(\d\d))?)?$/i

/**
 * Milliseconds since 1970 of an ISO 8601 date with or without a time, of UTC unless an offset is given; of ten digits,
 * which are seconds since then, or of thirteen, which are milliseconds. Undefined for anything else.
 */
export function timestampOf(text: string): number | undefined {
  if (/^\d{10}$/.test(text)) return Number(text) * 1_000
  if (/^\d{13}$/.test(text)) return Number(text)
  const match = pattern.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', , sign, ...offset] = match
  const parts = [
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  ] as const
  const date = new Date(Date.UTC(...parts))
  const isReal =
    date.getUTCMonth() === parts[1] &&
    date.getUTCDate() === parts[2] &&
    parts[3] < 24 &&
    parts[4] < 60 &&
    parts[5] < 60
  if (!isReal) return undefined
  const minutes = sign ? Number(offset[0]) * 60 + Number(offset[1]) : 0
  return (
    date.getTime() +
    Number(fraction.padEnd(3, '0').slice(0, 3)) -
    (sign === '-' ? -minutes : minutes) * 60_000
  )
}
