import { RetryableError } from '../errors.ts'

/**
 * What travels in the metadata string of a committed offset. The offset says where a new owner reads on from;
 * `emitted` says up to which offset the outputs of that reading have been committed already; the memo is the task's.
 */
interface CommitMetadata {
  readonly emitted: number
  readonly memo: string
}

/** Brokers refuse more by default (`offset.metadata.max.bytes`). */
const maxBytes = 4_096
const version = '1'

/**
 * `1:<emitted>:<memo>`. Throws RetryableError when that is too long for a broker: this partition can't go on then, but
 * others can.
 */
export function encodeCommitMetadata({ emitted, memo }: CommitMetadata): string {
  const text = `${version}:${emitted}:${memo}`
  const bytes = Buffer.byteLength(text)
  if (bytes > maxBytes) {
    throw new RetryableError(
      'Kafka',
      `what is to be remembered for a restart takes ${bytes} bytes, and a commit holds ${maxBytes} (offset.metadata.max.bytes): fewer partitions of raw topics, or more of this topic, make it less`,
    )
  }
  return text
}

/** Undefined when the text was not written by this version of Tidemark. */
export function decodeCommitMetadata(text: string): CommitMetadata | undefined {
  const match = /^1:(\d{1,16}):(.*)$/s.exec(text)
  return match ? { emitted: Number(match[1]), memo: match[2]! } : undefined
}
