import type { Exemplar } from '../avro/types.ts'

/** Longer ids are none. */
const id = /^[\x21-\x7e]{1,128}$/

/** Bytes that an exemplar takes in a record, at most. */
export const exemplarBytes = 292

/** Bytes of this one in a batch, at most. */
export const bytesOfExemplar = ({ traceId, spanId }: Exemplar) => 36 + traceId.length + (spanId?.length ?? 0)

/** Whether an id of a trace or span may be this text. */
export const isId = (text: string) => id.test(text)

/** What is wrong with an exemplar that someone else has written; undefined when it is sound. */
export function flawOfExemplar({ traceId, spanId, value, time }: Exemplar): string | undefined {
  if (!isId(traceId) || (spanId !== null && !isId(spanId))) return 'names no trace'
  return Number.isFinite(value) && Number.isFinite(time) ? undefined : 'is not finite'
}

/**
 * Which of two is kept: the higher value, which is what people look for; then the later one; then by their ids. So which one is
 * left of many depends on no order.
 */
export function higher(one: Exemplar | undefined, other: Exemplar): Exemplar {
  if (!one) return other
  if (one.value !== other.value) return one.value > other.value ? one : other
  if (one.time !== other.time) return one.time > other.time ? one : other
  const [ofOne, ofOther] = [idsOf(one), idsOf(other)]
  return ofOne >= ofOther ? one : other
}

const idsOf = ({ traceId, spanId }: Exemplar) => `${traceId} ${spanId ?? ''}`
