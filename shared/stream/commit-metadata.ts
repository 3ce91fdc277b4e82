/**
 * What travels in the metadata string of a committed offset. The offset says where a new owner reads on from;
 * `emitted` says up to which offset the outputs of that reading have been committed already; the memo is the task's.
 */
export interface CommitMetadata {
  readonly emitted: number
  readonly memo: string
}

/** Brokers refuse more by default (`offset.metadata.max.bytes`). */
const maxBytes = 4_096
const version = '1'

/** `1:<emitted>:<memo>`. Throws when the memo is too long for a broker. */
export function encodeCommitMetadata({ emitted, memo }: CommitMetadata): string {
  const text = `${version}:${emitted}:${memo}`
  if (Buffer.byteLength(text) > maxBytes)
    throw new Error(`commit metadata of ${Buffer.byteLength(text)} bytes: at most ${maxBytes} are allowed`)
  return text
}

/** Undefined when the text was not written by this version of Tidemark. */
export function decodeCommitMetadata(text: string): CommitMetadata | undefined {
  const match = /^1:(\d{1,16}):(.*)$/s.exec(text)
  return match ? { emitted: Number(match[1]), memo: match[2]! } : undefined
}
