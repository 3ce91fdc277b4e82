import type { Tag } from '../../../../shared/avro/types.ts'

/** Tags parted by commas. One without a value is “true”; the same one twice is one. */
export function splitTags(text: string, separator: ':' | '='): readonly Tag[] {
  if (text === '') return []
  const parts = new Set(text.split(',').map((part) => part.trim()))
  return [...parts].flatMap((part) => {
    const at = part.indexOf(separator)
    if (part === '') return []
    return [at < 0 ? { key: part, value: 'true' } : { key: part.slice(0, at), value: part.slice(at + 1) }]
  })
}
