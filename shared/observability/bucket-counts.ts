/** A histogram whose values are counted elsewhere: thousands of them are added at a time, by bucket. */
export class BucketCounts<L extends string> {
  readonly name: string
  readonly #help: string
  readonly #labels: readonly L[]
  /** Upper bounds; one more bucket is for what is beyond them. */
  readonly #bounds: readonly number[]
  readonly #series = new Map<string, Counted<L>>()

  constructor(name: string, help: string, labels: readonly L[], bounds: readonly number[]) {
    this.name = name
    this.#help = help
    this.#labels = labels
    this.#bounds = bounds
  }

  /** `counts` has one number more than there are bounds; `sum` is that of the values, in the metric's unit. */
  add(labels: Readonly<Record<L, string>>, counts: ArrayLike<number>, sum: number): void {
    const key = this.#labels.map((label) => labels[label]).join('\0')
    let series = this.#series.get(key)
    if (!series) {
      series = { labels, counts: new Float64Array(this.#bounds.length + 1), sum: 0 }
      this.#series.set(key, series)
    }
    for (let i = 0; i < series.counts.length; i++) series.counts[i]! += counts[i]!
    series.sum += sum
  }

  /** As prom-client's registry asks for it. */
  get() {
    const values = [...this.#series.values()].flatMap((series) => this.#valuesOf(series))
    return { name: this.name, help: this.#help, type: 'histogram', values }
  }

  #valuesOf({ labels, counts, sum }: Counted<L>) {
    let count = 0
    const buckets = [...this.#bounds, '+Inf'].map((le, i) => {
      count += counts[i]!
      return { metricName: `${this.name}_bucket`, labels: { le, ...labels }, value: count }
    })
    return [
      ...buckets,
      { metricName: `${this.name}_sum`, labels, value: sum },
      { metricName: `${this.name}_count`, labels, value: count },
    ]
  }
}

interface Counted<L extends string> {
  readonly labels: Readonly<Record<L, string>>
  readonly counts: Float64Array
  sum: number
}
