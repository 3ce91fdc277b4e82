/** Confluent's wire format: a zero byte, the schema's id (int32, big-endian), then what a serializer has made. */
export const frameBytes = 5

/** Undefined when the bytes are not framed. */
export const schemaId = (bytes: Buffer): number | undefined =>
  bytes.length > frameBytes && bytes[0] === 0 ? bytes.readInt32BE(1) : undefined
