import { binaryForm } from '../../../shared/avro/binary.ts'
import type { WatchState } from '../../../shared/avro/types.ts'
import { BadRecordError } from '../../../shared/errors.ts'
import { seriesKey } from '../../../shared/series/series.ts'
import type { SeriesDetectorKind } from '../series-detector.ts'

const form = binaryForm<WatchState>('WatchState', 3)

/** Of what a state is: windows of one length of one series, and one figure of them. */
export interface WatchPlace {
  readonly sizeMs: number
  readonly statistic: string
  readonly seriesKey: string
}

/** The key of a state in its topic. */
export const stateKeyOf = ({ sizeMs, statistic, seriesKey }: WatchPlace) =>
  `${sizeMs}:${statistic}:${seriesKey}`

/** Throws RangeError when it is no such key. */
export function readStateKey(key: string): WatchPlace {
  const match = /^(\d{1,13}):(\w+):(.*)$/s.exec(key)
  if (!match) throw new RangeError('the key is none of the detector’s')
  return { sizeMs: Number(match[1]), statistic: match[2]!, seriesKey: match[3]! }
}

export const writeState = (state: WatchState): Buffer => form.encode(encodable(state))

/** As avsc takes it. */
export const encodable = ({ detector, before, ...state }: WatchState): WatchState => ({
  ...state,
  detector: asBuffer(detector),
  before: before && { ...before, detector: asBuffer(before.detector) },
})

/** avsc takes only a Buffer for bytes in a union. */
const asBuffer = (bytes: Uint8Array | null) =>
  bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

/**
 * Undefined when another kind of detector has made it, so that the series begins anew. Throws RangeError when the bytes are
 * damaged, of another version, or of another series.
 */
export function readState(
  bytes: Uint8Array,
  place: WatchPlace,
  kind: SeriesDetectorKind,
): WatchState | undefined {
  return checkedState(form.decode(bytes), place.seriesKey, kind)
}

/** The same of a state that was decoded already. */
export function checkedState(
  state: WatchState,
  key: string,
  kind: SeriesDetectorKind,
): WatchState | undefined {
  if (seriesKey(state.series) !== key) throw new RangeError('it is the state of another series')
  if (state.model !== kind.name) return undefined
  if (state.times.length !== state.values.length) throw new RangeError('windows without values')
  const isInOrder = state.times.every((time, i) => time >= (state.times[i - 1] ?? state.since))
  if (!isInOrder) throw new RangeError('windows that are not in order')
  const { before } = state
  return {
    ...state,
    detector: sound(state.detector, kind),
    before: before && { ...before, detector: sound(before.detector, kind) },
  }
}

/** Throws RangeError when the detector can't read it. */
function sound(bytes: Uint8Array | null, kind: SeriesDetectorKind): Uint8Array | null {
  if (!bytes) return null
  // Memory of its own: what was read here is a part of a fetch.
  const detector = new Uint8Array(bytes)
  try {
    kind.decode(detector)
  } catch (error) {
    if (!(error instanceof BadRecordError)) throw error
    throw new RangeError(error.message, { cause: error })
  }
  return detector
}
