interface ChunkLimits {
  /** In the unit of `sizeOf`. An item that alone is larger makes a chunk of its own. */
  readonly maxSize: number
  readonly maxItems?: number
}

/** Cuts what goes into one record or request, in its order, so that no chunk is too large. Nothing makes no chunk. */
export function* chunks<T>(
  items: Iterable<T>,
  sizeOf: (item: T) => number,
  { maxSize, maxItems = Infinity }: ChunkLimits,
): Generator<readonly T[]> {
  let chunk: T[] = []
  let size = 0
  for (const item of items) {
    const more = sizeOf(item)
    if (chunk.length > 0 && (chunk.length >= maxItems || size + more > maxSize)) {
      yield chunk
      chunk = []
      size = 0
    }
    chunk.push(item)
    size += more
  }
  if (chunk.length > 0) yield chunk
}
