import { binaryForm } from '../../../shared/avro/binary.ts'
import type { MarkerState } from '../../../shared/avro/types.ts'

const prefix = 'marker:'

export const markerForm = binaryForm<MarkerState>('MarkerState', 1)

/** The key of a marker in the state of a partition, by the offset of the record that told it. */
export const markerKey = (offset: number) => `${prefix}${offset}`

/** The offset that such a key names; undefined for other keys. */
export function readMarkerKey(key: string): number | undefined {
  const text = key.startsWith(prefix) ? key.slice(prefix.length) : ''
  return /^\d{1,16}$/.test(text) ? Number(text) : undefined
}
