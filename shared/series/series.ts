import type { Series, Tag } from '../avro/types.ts'

/** Sorts by key and leaves out empty values: the only form in which tags leave the normalizer. */
export function normalizeTags(tags: readonly Tag[]): readonly Tag[] {
  return tags.filter((tag) => tag.value !== '').sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}

/**
 * The canonical text of a series' identity: metric and tags, separated by characters that are escaped inside them,
 * so that different series never share a key. Expects normalized tags.
 */
export function seriesKey(series: Pick<Series, 'metric' | 'tags'>): string {
  let key = escapeSeparators(series.metric)
  for (const tag of series.tags) key += `,${escapeSeparators(tag.key)}=${escapeSeparators(tag.value)}`
  return key
}

const separators = /[\\,=]/g
const escapeSeparators = (text: string) =>
  text.search(separators) < 0 ? text : text.replace(separators, '\\$&')

/** The partition of a series among `partitions`, from its key: the same in every service and at every replay. */
export function seriesPartition(key: string, partitions: number): number {
  return hashText(key) % partitions
}

/**
 * FNV-1a over UTF-16 code units, 32 bits, then the finalizer of MurmurHash3, because FNV alone leaves the low bits
 * of similar keys alike and the partition is taken from those. Unsigned.
 */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
