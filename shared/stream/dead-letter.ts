import type { DeadLetter } from '../avro/types.ts'
import type { RejectionReason } from '../errors.ts'
import type { Refusal, StreamRecord } from './task.ts'

/** Why a record is set aside, and by whom. */
interface Cause {
  readonly stage: string
  readonly reason: RejectionReason
  readonly detail: string
  /** Empty for the whole record. */
  readonly parts: readonly Refusal[]
  /** Of a record that is parked. */
  readonly tenant?: string | undefined
}

/** A record that is set aside, refused or parked, with all that is needed to send it to its topic again. */
export const letterOf = (
  { topic, partition, offset, timestamp, key, bytes, headers }: StreamRecord<unknown>,
  { stage, reason, detail, parts, tenant }: Cause,
): DeadLetter => ({
  stage,
  reason,
  detail,
  topic,
  partition,
  offset,
  timestamp,
  key,
  value: bytes,
  headers: Object.entries(headers).map(([name, value]) => ({ key: name, value })),
  rejections: parts.map(({ position, count = 1, value = null, reason, detail }) => ({
    position,
    count,
    value,
    reason,
    detail,
  })),
  tenant: tenant ?? null,
})
