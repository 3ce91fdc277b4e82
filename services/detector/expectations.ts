import type { Expectation, ExpectationBatch } from '../../shared/avro/types.ts'
import { keyOf } from '../../shared/series/known-series.ts'
import { seriesPartition } from '../../shared/series/series.ts'
import { chunks } from '../../shared/stream/chunks.ts'
import type { Output } from '../../shared/stream/task.ts'
import type { Topic } from '../../shared/stream/topic.ts'

/** So many in a record: some hundred kilobytes with ordinary tags. */
const maxInRecord = 1_000
/** Of records, by the characters of their tags, which are most of them. */
const maxRecordSize = 500_000

/** Gathers expectations by the partition of their series until a record of the input has been worked on. */
export class Expectations {
  readonly #topic: Topic<ExpectationBatch>
  readonly #partitions: number
  readonly #gathered = new Map<number, Expectation[]>()

  constructor(topic: Topic<ExpectationBatch>, partitions: number) {
    this.#topic = topic
    this.#partitions = partitions
  }

  add(expectation: Expectation): void {
    const partition = seriesPartition(keyOf(expectation.series), this.#partitions)
    const gathered = this.#gathered.get(partition)
    if (gathered) gathered.push(expectation)
    else this.#gathered.set(partition, [expectation])
  }

  flush(out: Output): void {
    for (const [partition, gathered] of this.#gathered)
      for (const expectations of chunks(gathered, sizeOf, { maxSize: maxRecordSize, maxItems: maxInRecord }))
        out.send(this.#topic, partition, { expectations })
    this.#gathered.clear()
  }
}

const sizeOf = ({ series }: Expectation) => 100 + keyOf(series).length
