import { GenerationalCache } from '../../../../shared/series/generational-cache.ts'
import type { Events } from '../../format.ts'
import { emptyHash, hashByte, startsWith } from '../influx/heads.ts'
import { parseSample, type Sample } from './sample.ts'

interface Known {
  readonly name: Buffer
  readonly tail: Buffer
  readonly sample: Sample
}

/** What lines say beside their values, by the bytes of their name and of what stands behind the values, so that a line that is known makes no string. */
export class SampleCache {
  /** By hash: two of the same push each other out, which is slow but never wrong. */
  readonly #known: GenerationalCache<number, Known>

  constructor(size: number) {
    this.#known = new GenerationalCache(size)
  }

  /** Of a line whose name ends at `colon` and whose values end at `bar`. Throws BadRecordError. */
  at(line: Buffer, colon: number, bar: number, events: Events): Sample {
    let hash = emptyHash
    for (let at = 0; at <= colon; at++) hash = hashByte(hash, line[at]!)
    for (let at = bar; at < line.length; at++) hash = hashByte(hash, line[at]!)
    const known = this.#known.get(hash)
    if (known && isOf(known, line, colon, bar)) return known.sample
    const name = Buffer.from(line.subarray(0, colon))
    const tail = Buffer.from(line.subarray(bar))
    const sample = parseSample(name.toString('utf8'), tail.toString('utf8'), events)
    this.#known.set(hash, { name, tail, sample })
    return sample
  }
}

const isOf = ({ name, tail }: Known, line: Buffer, colon: number, bar: number) =>
  name.length === colon &&
  tail.length === line.length - bar &&
  startsWith(line, 0, name) &&
  startsWith(line, bar, tail)
