import { binaryForm } from '../../../shared/avro/binary.ts'
import type { PeerGroupState, PeerMemberState } from '../../../shared/avro/types.ts'
import { checkedState, encodable } from '../watch/store-form.ts'
import { besideWidth } from './comparison.ts'
import { groupKeyOf } from './gathered.ts'
import { normOf } from './norm.ts'
import { peers } from './peer-detector.ts'

const groupForm = binaryForm<PeerGroupState>('PeerGroupState', 1)
const memberForm = binaryForm<PeerMemberState>('PeerMemberState', 1)

/** A group, or one member of it. */
export interface StoredPlace {
  readonly groupKey: string
  readonly seriesKey?: string
}

/** Any text may be in both. */
export const groupStateKey = (groupKey: string) => JSON.stringify([groupKey])
export const memberStateKey = (groupKey: string, seriesKey: string) => JSON.stringify([groupKey, seriesKey])

/** Throws RangeError when it is no such key. */
export function readStoredKey(key: string): StoredPlace {
  let parts: unknown
  try {
    parts = JSON.parse(key)
  } catch {
    parts = undefined
  }
  const [groupKey, seriesKey, ...more] = Array.isArray(parts) ? (parts as readonly unknown[]) : []
  if (typeof groupKey !== 'string' || more.length > 0)
    throw new RangeError('the key is none of groups of peers')
  return typeof seriesKey === 'string' ? { groupKey, seriesKey } : { groupKey }
}

export const writeGroup = (state: PeerGroupState): Buffer => groupForm.encode(state)

export const writeMember = (state: PeerMemberState): Buffer =>
  memberForm.encode({ ...state, watch: encodable(state.watch) })

/** Throws RangeError when the bytes are damaged, of another version, or of another group. */
export function readGroup(bytes: Uint8Array, key: string): PeerGroupState {
  const state = groupForm.decode(bytes)
  if (groupKeyOf(state) !== key) throw new RangeError('it is the state of another group')
  const isInOrder = state.windows.every(({ start }, i) => i === 0 || start > state.windows[i - 1]!.start)
  if (!isInOrder) throw new RangeError('windows that are not in order')
  return state
}

/** Undefined when another kind of detector has made it. Throws RangeError likewise. */
export function readMember(bytes: Uint8Array, seriesKey: string): PeerMemberState | undefined {
  const state = memberForm.decode(bytes)
  const watch = checkedState(state.watch, seriesKey, peers)
  if (!watch) return undefined
  if (state.besides.length !== watch.times.length * besideWidth || state.place < 0)
    throw new RangeError('figures of other windows')
  normOf(state.norm)
  normOf(state.normBefore)
  return { ...state, watch }
}
