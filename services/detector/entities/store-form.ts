import { binaryForm } from '../../../shared/avro/binary.ts'
import type { EntityState } from '../../../shared/avro/types.ts'
import { keyOf } from '../../../shared/series/known-series.ts'
import { groupKeyOf } from '../peers/gathered.ts'
import { checkedState, encodable } from '../watch/store-form.ts'
import { joint } from './joint-detector.ts'
import { maxFields } from './moments.ts'

const form = binaryForm<EntityState>('EntityState', 1)

const prefix = 'entity:'

/** Of the state of an entity. */
export const entityKey = (groupKey: string) => `${prefix}${groupKey}`

/** The group whose state it is; undefined when the key is none of an entity. */
export const readEntityKey = (key: string) => (key.startsWith(prefix) ? key.slice(prefix.length) : undefined)

export const writeEntity = (state: EntityState): Buffer =>
  form.encode({ ...state, watch: encodable(state.watch) })

/** Undefined when another kind of detector has made it. Throws RangeError when the bytes are damaged, or of another entity. */
export function readEntity(bytes: Uint8Array, key: string): EntityState | undefined {
  const state = form.decode(bytes)
  if (groupKeyOf(state) !== key) throw new RangeError('it is the state of another entity')
  const watch = checkedState(state.watch, keyOf(state.group), joint)
  if (!watch) return undefined
  if (state.fields.length > maxFields || state.besides.length !== watch.times.length * maxFields)
    throw new RangeError('figures of other windows')
  return { ...state, watch }
}
