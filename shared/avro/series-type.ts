import avro, { type Type } from 'avsc'
import { GenerationalCache } from '../series/generational-cache.ts'
import { KnownSeries, known } from '../series/known-series.ts'
import type { Tap } from './tap.ts'
import type { Series } from './types.ts'

/**
 * The series of a process's records, by their bytes. The same ones come in record after record, and making strings and
 * objects of each again was most of what it cost to read a record with few points a series. So a series is found by the hash of its
 * bytes, and is the one that these bytes were decoded to before if all of them are the same. Some hundred bytes each.
 */
const readBefore = new GenerationalCache<number, KnownSeries>(400_000)

/** For avsc's `typeHook`: the type of a series, undefined for all other schemas. The bytes are those of avsc. */
export function seriesType(schema: avro.Schema, options: avro.ForSchemaOptions): Type | undefined {
  const { type, name } = schema as { readonly type?: unknown; readonly name?: unknown }
  if (type !== 'record' || name !== 'Series') return undefined
  const generic = new avro.types.RecordType(schema as never, options)
  const { _read, _write } = generic as unknown as RecordMethods
  const methods: RecordMethods = {
    _read(tap) {
      const start = tap.pos
      const end = endOf(tap.buf, start)
      const hash = end < 0 ? -1 : hashOf(tap.buf, start, end)
      const series = hash < 0 ? undefined : readBefore.get(hash)
      if (series?.isEncodedAt(tap.buf, start)) {
        tap.pos = start + series.encodedLength
        return series
      }
      const read = known(_read(tap))
      if (hash < 0 || tap.pos > tap.buf.length) return read
      read.keepEncoded(tap.buf, start, tap.pos)
      readBefore.set(hash, read)
      return read
    },
    _write(tap, series) {
      const start = tap.pos
      const length = series instanceof KnownSeries ? series.encodedLength : 0
      if (length > 0) {
        tap.pos = start + length
        if (tap.pos <= tap.buf.length) (series as KnownSeries).writeEncoded(tap.buf, start)
        return
      }
      _write(tap, series)
      if (series instanceof KnownSeries && tap.pos <= tap.buf.length)
        series.keepEncoded(tap.buf, start, tap.pos)
    },
  }
  // avsc freezes its records, so this one stands before it, also where the schema refers to it by name.
  const quick = Object.create(generic, {
    _read: { value: methods._read },
    _write: { value: methods._write },
  }) as Type
  options.registry![generic.name!] = quick
  return quick
}

interface RecordMethods {
  _read(this: void, tap: Tap): Series
  _write(this: void, tap: Tap, series: Series): void
}

/** Where the series at `from` ends, as metric, tags, kind and unit tell; -1 when it is cut off or out of the ordinary. */
function endOf(bytes: Buffer, from: number): number {
  let at = afterText(bytes, from)
  const tags = at < 0 ? 0 : bytes[at++]!
  // One block of less than 64 tags, and then none.
  if (tags >= 0x80 || tags & 1) return -1
  for (let i = 0; i < tags; i++) at = afterText(bytes, at)
  if (at < 0 || (tags > 0 && bytes[at++] !== 0)) return -1
  at = afterText(bytes, at + 1)
  return at <= bytes.length ? at : -1
}

/** Behind the text at `at`; -1 when it is longer than two bytes can say. */
function afterText(bytes: Buffer, at: number): number {
  if (at < 0) return -1
  const low = bytes[at]!
  if (low & 1) return -1
  if (low < 0x80) return at + 1 + (low >> 1)
  const high = bytes[at + 1]!
  return high < 0x80 ? at + 2 + ((low & 0x7f) >> 1) + (high << 6) : -1
}

/** FNV-1a, 31 bits, so that it is a small integer. */
function hashOf(bytes: Buffer, from: number, to: number): number {
  let hash = 0x811c9dc5
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
  return hash >>> 1
}
