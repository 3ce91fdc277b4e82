import type { Series } from '../../../shared/avro/types.ts'

/** Texts that are held once, however many series have them. */
let texts = new Map<string, string>()

/** Beyond so many the table begins anew, so that tags that never come again do not stay for ever. */
const maxTexts = 1_000_000

function once(text: string): string {
  const known = texts.get(text)
  if (known !== undefined) return known
  if (texts.size >= maxTexts) texts = new Map()
  texts.set(text, text)
  return text
}

/** The same series in less memory: decoding makes each text anew, and arrays with room to grow. */
export const compact = ({ metric, tags, kind, unit }: Series): Series => ({
  metric: once(metric),
  tags: tags.map(({ key, value }) => ({ key: once(key), value: once(value) })),
  kind,
  unit: once(unit),
})
