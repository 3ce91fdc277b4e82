import { open, stat } from 'node:fs/promises'
import type { LogLine } from './log-events.ts'

/** Of one reading: a file that grows faster is read in several. */
const maxReadBytes = 1024 * 1024

/** Longer lines are cut: a line is a message for a person. */
const maxLineBytes = 64 * 1024

/** Follows a file from its beginning; one that was truncated or replaced is read from its beginning again. */
export class LogTail {
  readonly #path: string
  #inode = 0
  #offset = 0
  #rest = Buffer.alloc(0)

  constructor(path: string) {
    this.#path = path
  }

  /** The lines that are complete since the last call; none while the file does not exist. */
  async read(): Promise<readonly LogLine[]> {
    const found = await stat(this.#path).catch(() => undefined)
    if (!found) return []
    if (found.ino !== this.#inode || found.size < this.#offset) {
      this.#inode = found.ino
      this.#offset = 0
      this.#rest = Buffer.alloc(0)
    }
    const length = Math.min(found.size - this.#offset, maxReadBytes)
    if (length <= 0) return []
    const file = await open(this.#path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, this.#offset)
      return this.#split(buffer.subarray(0, bytesRead))
    } finally {
      await file.close()
    }
  }

  #split(more: Buffer): readonly LogLine[] {
    const from = this.#offset - this.#rest.length
    this.#offset += more.length
    const bytes = Buffer.concat([this.#rest, more])
    const lines: LogLine[] = []
    let start = 0
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
      lines.push({
        text: bytes.toString('utf8', start, Math.min(end, start + maxLineBytes)).trimEnd(),
        offset: from + start,
      })
      start = end + 1
    }
    this.#rest = Buffer.from(bytes.subarray(start))
    return lines
  }
}
