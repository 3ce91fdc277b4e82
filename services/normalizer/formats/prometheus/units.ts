/** The units of Prometheus' and OpenMetrics' naming rules, in UCUM, and the usual ones beside the base units. */
const units: ReadonlyMap<string, string> = new Map([
  ['seconds', 's'],
  ['milliseconds', 'ms'],
  ['microseconds', 'us'],
  ['nanoseconds', 'ns'],
  ['bytes', 'By'],
  ['ratio', '1'],
  ['percent', '%'],
  ['celsius', 'Cel'],
  ['volts', 'V'],
  ['amperes', 'A'],
  ['watts', 'W'],
  ['joules', 'J'],
  ['grams', 'g'],
  ['meters', 'm'],
  ['hertz', 'Hz'],
])

/** UCUM of the word in a UNIT line; the word itself where it is none of these. */
export const unitNamed = (word: string) => units.get(word) ?? word

/** UCUM of the unit that ends a metric's name, as the naming rules ask for: `_seconds`, `_bytes_total`. Empty when there is none. */
export function unitInName(name: string): string {
  const bare = name.replace(/_total$/, '')
  return units.get(bare.slice(bare.lastIndexOf('_') + 1)) ?? ''
}
