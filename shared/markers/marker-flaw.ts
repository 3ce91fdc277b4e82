import type { Marker } from '../avro/types.ts'

const dayMs = 86_400_000

/** What may be told ahead, and for how long, milliseconds: what lasts longer belongs in `detector.calendar`. */
export const maxAheadMs = 92 * dayMs
export const maxLengthMs = 31 * dayMs

/** Characters of all its texts together: a marker is copied to each partition of the windows, and kept. */
const maxTextLength = 8_192
const maxIdLength = 200
const maxWhere = 20
/** The last moment that a date can name. */
const maxTime = 8.64e15

/**
 * What is wrong with a marker that was told at `toldAt`, wall time in milliseconds, as the end of a sentence; undefined for
 * one that may be believed. A removal need only name what it takes back.
 */
export function markerFlaw(marker: Marker, toldAt: number): string | undefined {
  const { id, kind, isRemoved, from, to, anomaly } = marker
  if (id === '' || id.length > maxIdLength)
    return `its id has ${id.length} characters, not 1 to ${maxIdLength}`
  if (textLengthOf(marker) > maxTextLength)
    return `its texts have ${textLengthOf(marker)} characters, more than ${maxTextLength}`
  if (Object.keys(marker.where).length > maxWhere) return `it names more than ${maxWhere} tags`
  if (isRemoved) return undefined
  if (!(Math.abs(from) <= maxTime)) return 'it begins at no time that there is'
  if (from - toldAt > maxAheadMs) return `it begins more than ${maxAheadMs / dayMs} days after it was told`
  if (kind === 'maintenance') {
    if (to === null || to <= from) return 'a maintenance needs an end after its beginning'
    if (to - from > maxLengthMs)
      return `it lasts longer than ${maxLengthMs / dayMs} days: that belongs in detector.calendar`
  } else if (to !== null) return `only a maintenance has an end, and it is of the kind ${kind}`
  const isVerdict = kind === 'expected' || kind === 'real'
  if (isVerdict && !anomaly) return `of the kind ${kind} it must name an anomaly`
  if (!isVerdict && anomaly) return `of the kind ${kind} it can't name an anomaly`
  if (anomaly && anomaly.start !== from) return 'it does not begin with its anomaly'
  return anomaly ? anomalyFlaw(anomaly) : undefined
}

function anomalyFlaw({ start, end, surprise, distance, windowSizeMs }: NonNullable<Marker['anomaly']>) {
  if (!(Math.abs(start) <= maxTime)) return 'its anomaly starts at no time that there is'
  if (end !== null && !(end > start && end <= maxTime)) return 'its anomaly ends before it starts'
  if (windowSizeMs < 1) return `its anomaly has windows of ${windowSizeMs} ms`
  if (distance !== null && !(distance >= 0)) return `its anomaly has the distance ${distance}`
  return surprise >= 0 ? undefined : `its anomaly has the surprise ${surprise}`
}

function textLengthOf({ id, metric, where, who, text, anomaly }: Marker): number {
  let length = id.length + metric.length + who.length + text.length
  for (const [key, value] of Object.entries(where)) length += key.length + value.length
  if (!anomaly) return length
  length += anomaly.id.length + anomaly.statistic.length + anomaly.series.metric.length
  for (const { key, value } of anomaly.series.tags) length += key.length + value.length
  return length
}
