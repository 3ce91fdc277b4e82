import type { DeadLetter } from '../../shared/avro/types.ts'
import { producerHeaders } from '../../shared/observability/producer-headers.ts'

/** How the formats write a host: as a tag of line protocol or an attribute of JSON. */
const hostPatterns = [
  /,host=([^,\s=]{1,255})/,
  /"(?:host|hostname|host\.name)"\s*:\s*"([^"\\]{1,255})"/,
  /"host"\s*:\s*\{[^{}]{0,500}?"name"\s*:\s*"([^"\\]{1,255})"/,
]

/** A host is looked for so far from the value's beginning, bytes. */
const searched = 4_096

/** Who sent the record, as far as its headers or its text tell: a guess for people, never more than 255 characters. */
export function producerOf({ headers, value }: Pick<DeadLetter, 'headers' | 'value'>): string | undefined {
  for (const name of producerHeaders) {
    const header = headers.find(({ key, value }) => key.toLowerCase() === name && value.length > 0)
    if (header) return Buffer.from(header.value).toString('utf8', 0, 255)
  }
  if (!value) return undefined
  const text = Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1', 0, searched)
  for (const pattern of hostPatterns) {
    const host = pattern.exec(text)?.[1]
    if (host !== undefined) return Buffer.from(host, 'latin1').toString()
  }
  return undefined
}
