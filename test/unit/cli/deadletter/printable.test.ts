import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesText, shortBytesText, textOf } from '../../../../cli/deadletter/bytes-text.ts'
import { excerpt, printable, printableJson } from '../../../../cli/deadletter/printable.ts'

describe('printable', () => {
  it.each([
    ['a colour', 'a\x1b[31mb', 'a\\x1b[31mb'],
    ['a window title', '\x1b]0;owned\x07', '\\x1b]0;owned\\x07'],
    ['an eight-bit escape', 'a\u009b2Jb', 'a\\x9b2Jb'],
    ['backspaces and deletes', 'ab\b\x7f', 'ab\\x08\\x7f'],
    ['a line that is written over', 'good\rbad', 'good\\rbad'],
    ['lines', 'a\nb\tc', 'a\\nb\\tc'],
    ['marks that turn the direction', 'a\u202eb\u2066', 'a\\u{202e}b\\u{2066}'],
    ['Unicode’s own line ends', 'a\u2028b\u2029', 'a\\u{2028}b\\u{2029}'],
    ['half a character', 'a\ud800', 'a\\u{d800}'],
    ['a tag that no one sees', 'a\u{e0041}', 'a\\u{e0041}'],
  ])('shows %s by numbers', (_, text, shown) => {
    expect(printable(text)).toBe(shown)
  })

  it('leaves writing as it is, and lines when asked', () => {
    expect(printable('Grüße, 世界 👋 \\n')).toBe('Grüße, 世界 👋 \\n')
    expect(printable('a\n\tb\r\n', true)).toBe('a\n\tb\\r\n')
  })

  it('lets no byte through that a terminal obeys', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 200 }), (bytes, max) => {
        expect(bytesText(bytes, max)).not.toMatch(/[^\P{C}\n\t]/u)
        expect(shortBytesText(bytes, max)).not.toMatch(/\p{C}/u)
        expect(excerpt(Buffer.from(bytes).toString(), max)).not.toMatch(/\p{C}/u)
      }),
    )
  })
})

describe('printableJson', () => {
  it('is read as what was written, and drives no terminal', () => {
    const values = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\u009b2J', '\u202e', '\u{e0041}', '\x7f'),
    )
    fc.assert(
      fc.property(fc.array(values), (texts) => {
        const json = printableJson({ texts })
        expect(JSON.parse(json)).toEqual({ texts })
        expect(json).not.toMatch(/[^\P{C}\n]/u)
      }),
    )
  })
})

describe('bytes', () => {
  it('are text when they are UTF-8, also cut inside of a character', () => {
    const bytes = Buffer.from('grün')
    expect(textOf(bytes)).toBe('grün')
    expect(textOf(bytes.subarray(0, 3))).toBeUndefined()
    expect(textOf(bytes.subarray(0, 3), true)).toBe('gr')
  })

  it('are dumped when they are not', () => {
    expect(bytesText(Buffer.from([0, 255, 0x68, 0x69, 0x1b, ...Array(12).fill(0x41)]), 100)).toBe(
      [
        '  00000000  00 ff 68 69 1b 41 41 41 41 41 41 41 41 41 41 41  ..hi.AAAAAAAAAAA',
        `  00000010  41${' '.repeat(47)}A`,
      ].join('\n'),
    )
    expect(bytesText(Buffer.alloc(10), 100)).toContain('00 00')
  })

  it('are indented, so that a value can’t pass for a line of its own', () => {
    expect(bytesText(Buffer.from('a\nreason       forged'), 100)).toBe('  a\n  reason       forged')
  })
})
