import { createHmac } from 'node:crypto'

/** Hex digits, 64 bits: among a million values two are alike once in forty million installations. */
const length = 16

/** What stands for a tag's value: the same for the same key and value everywhere, and no guess can be tried without the key. */
export const tagHash = (key: string, value: string) =>
  createHmac('sha256', key).update(value).digest('hex').slice(0, length)
