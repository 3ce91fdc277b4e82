import { excerpt, printable } from './printable.ts'

/** Of all characters, how many may be control characters in what is shown as text. */
const maxControlShare = 0.1

/** The text that these bytes are, or undefined when they are none. `isCut`: the last character may be incomplete. */
export function textOf(bytes: Uint8Array, isCut = false): string | undefined {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: isCut })
  } catch {
    return undefined
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is counted.
  const controls = text.match(/[\x00-\x08\x0e-\x1f\x7f]/g)?.length ?? 0
  return controls > text.length * maxControlShare ? undefined : text
}

/** Bytes for a person, at most `maxBytes` of them: as text, indented, where they are text, else as a hex dump. */
export function bytesText(bytes: Uint8Array, maxBytes: number): string {
  const shown = bytes.subarray(0, maxBytes)
  const text = textOf(shown, shown.length < bytes.length)
  return text === undefined ? hexDump(shown) : printable(text, true).replace(/^/gm, '  ')
}

/** Bytes on one line: a key or the value of a header. */
export function shortBytesText(bytes: Uint8Array, maxLength = 200): string {
  const shown = bytes.subarray(0, maxLength * 4)
  const text = textOf(shown, shown.length < bytes.length)
  return text === undefined
    ? `0x${excerpt(Buffer.from(shown).toString('hex'), maxLength)}`
    : excerpt(text, maxLength)
}

/** `  00000010  68 69 00 …  hi.`, sixteen bytes a line. */
function hexDump(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16)
    const hex = [...row].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = [...row].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
    lines.push(`  ${at.toString(16).padStart(8, '0')}  ${hex.padEnd(47)}  ${text.join('')}`)
  }
  return lines.join('\n')
}
