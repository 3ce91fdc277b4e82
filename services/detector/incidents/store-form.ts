import { binaryForm } from '../../../shared/avro/binary.ts'
import type { Finding, IncidentState } from '../../../shared/avro/types.ts'

export const groupForm = binaryForm<IncidentState>('IncidentState', 1)
export const memberForm = binaryForm<Finding>('Finding', 2)

export const groupKey = (id: string) => `incident:${id}`

export const memberKey = (id: string, anomalyId: string) => `member:${id}:${anomalyId}`

/** Of which group, and of which member of it, if of one, a key is. Throws RangeError when it is none of ours. */
export function readKey(key: string): { readonly id: string; readonly anomalyId?: string } {
  const [kind, id, anomalyId, ...more] = key.split(':')
  if (id && more.length === 0) {
    if (kind === 'incident' && anomalyId === undefined) return { id }
    if (kind === 'member' && anomalyId) return { id, anomalyId }
  }
  throw new RangeError('the key is none of the detector’s incidents')
}
