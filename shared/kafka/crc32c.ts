/** The checksum of record batches: CRC-32C (Castagnoli), reflected polynomial. */
const polynomial = 0x82f63b78

/** Eight tables of 256: what a byte does to the sum that 0 to 7 bytes follow ("slicing by 8", Kounavis and Berry 2005). */
const table = new Int32Array(8 * 256)
for (let byte = 0; byte < 256; byte++) {
  let sum = byte
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ polynomial : sum >>> 1
  table[byte] = sum
}
for (let at = 256; at < table.length; at++)
  table[at] = (table[at - 256]! >>> 8) ^ table[table[at - 256]! & 0xff]!

/** Of bytes [from, end), without sign. */
export function crc32c(bytes: Uint8Array, from = 0): number {
  let sum = -1
  let at = from
  for (const end = bytes.length - 7; at < end; at += 8) {
    const first = sum ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24))
    sum =
      table[1792 + (first & 0xff)]! ^
      table[1536 + ((first >>> 8) & 0xff)]! ^
      table[1280 + ((first >>> 16) & 0xff)]! ^
      table[1024 + (first >>> 24)]! ^
      table[768 + bytes[at + 4]!]! ^
      table[512 + bytes[at + 5]!]! ^
      table[256 + bytes[at + 6]!]! ^
      table[bytes[at + 7]!]!
  }
  for (; at < bytes.length; at++) sum = table[(sum ^ bytes[at]!) & 0xff]! ^ (sum >>> 8)
  return ~sum >>> 0
}
