import protobuf from 'protobufjs'

/** The package's reader cuts a text short whose length leads beyond its message; this one refuses it. */
export class StrictReader extends protobuf.BufferReader {
  override string(): string {
    const length = this.uint32()
    const from = this.pos
    const to = from + length
    if (to > this.len) throw new RangeError(`a text of ${length} bytes at ${from} ends beyond its message`)
    this.pos = to
    return (this.buf as Buffer).toString('utf8', from, to)
  }
}
