import type { Series } from '../../../shared/avro/types.ts'

/**
 * How many series there are of each metric and with each tag. Series are spread over partitions by a hash, so what one
 * partition has of them tells what there is of all.
 */
export class Census {
  #size = 0
  readonly #metrics = new Map<string, number>()
  /** By key, then value. */
  readonly #tags = new Map<string, Map<string, number>>()

  add(series: Series): void {
    this.#count(series, 1)
  }

  /** Of a series that was added. */
  remove(series: Series): void {
    this.#count(series, -1)
  }

  /** The share of the metric's series among all, the series asked about included, in (0, 1]. */
  metricShare({ metric }: Series): number {
    return this.#share(this.#metrics.get(metric))
  }

  /** The same for each tag. */
  tagShares({ tags }: Series): readonly number[] {
    return tags.map(({ key, value }) => this.#share(this.#tags.get(key)?.get(value)))
  }

  /** A series that has just been forgotten is still one. */
  #share(count: number | undefined): number {
    return Math.max(1, count ?? 0) / Math.max(1, this.#size)
  }

  #count({ metric, tags }: Series, by: 1 | -1): void {
    this.#size += by
    change(this.#metrics, metric, by)
    for (const { key, value } of tags) {
      let values = this.#tags.get(key)
      if (!values) {
        values = new Map()
        this.#tags.set(key, values)
      }
      change(values, value, by)
      if (values.size === 0) this.#tags.delete(key)
    }
  }
}

function change(counts: Map<string, number>, of: string, by: number): void {
  const count = (counts.get(of) ?? 0) + by
  if (count === 0) counts.delete(of)
  else counts.set(of, count)
}
