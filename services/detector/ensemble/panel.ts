import { Calibrator } from '../models/calibrator.ts'
import { type Cells, Layout } from '../models/cells.ts'
import type { Model, ModelKind, Sample } from '../models/series-model.ts'
import { Trend, trend } from '../models/trend.ts'
import type { AnomalyKind, Heading, Verdict } from '../series-detector.ts'
import { Counter } from './counter.ts'
import { Forecast } from './forecast.ts'
import { headingOf, trail } from './heading.ts'
import { Pulse } from './pulse.ts'
import { Score } from './score.ts'
import { firstValues, Unit } from './unit.ts'

interface Judge {
  readonly model: Model
  readonly calibrator: Calibrator
  readonly warmUp: number
  readonly every: number
  distance: number
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * All that watches a series, without the series: what it is measured in, what is expected, the models, and how their words
 * become one verdict. A panel serves all series, whose cells it is given; it keeps nothing between two calls but those, and the
 * objects that it answers with.
 */
export class Panel {
  readonly layout = new Layout()
  /** Values seen, time of the first, time and reading of the last one, its value in units, and whether readings are a counter's. */
  readonly #count = this.layout.numbers(1)
  readonly #time = this.layout.numbers(1)
  readonly #begin = this.layout.numbers(1)
  readonly #reading = this.layout.numbers(1)
  readonly #last = this.layout.numbers(1)
  readonly #isCounter = this.layout.numbers(1)
  readonly #pulse = new Pulse(this.layout)
  readonly #counter = new Counter(this.layout)
  readonly #unit = new Unit(this.layout)
  readonly #forecast = new Forecast(this.layout)
  readonly #score = new Score(this.layout)
  readonly #judges: readonly Judge[]
  /** Who knows where the level is going, if there is one among them. */
  readonly #trend: Trend | undefined
  /** The logarithm of how many there are. */
  readonly #chances: number
  readonly #sample: Sample = {
    time: 0,
    value: 0,
    last: 0,
    expected: 0,
    spread: 1,
    residual: 0,
    likely: 0,
    level: 0,
    season: 0,
    count: 0,
    age: 0,
  }
  /** Where the state of the series in hand is. */
  readonly cells: Cells
  readonly cellBytes: Uint8Array
  readonly #contributions: number[]
  readonly #verdict: Writable<Verdict>

  constructor(kinds: readonly ModelKind[]) {
    this.#judges = kinds.map((kind) => ({
      model: kind.create(this.layout),
      calibrator: new Calibrator(this.layout, kind.prior),
      warmUp: kind.warmUp,
      every: kind.every ?? 1,
      distance: 0,
    }))
    this.#trend = this.#judges.map(({ model }) => model).find((model) => model instanceof Trend)
    this.cells = this.layout.cells()
    this.cellBytes = new Uint8Array(this.cells.numbers.buffer)
    this.#chances = Math.log(kinds.length)
    this.#contributions = kinds.map(() => 0)
    this.#verdict = {
      score: 0,
      likelihood: 0,
      surprise: 0,
      expected: Number.NaN,
      lower: Number.NaN,
      upper: Number.NaN,
      kind: 'spike',
      isSure: false,
      contributions: this.#contributions,
    }
  }

  /** The state of a new series, whose values are a step apart if that is known. */
  firstBlock(stepMs?: number): Uint8Array {
    this.cellBytes.fill(0)
    if (stepMs !== undefined) this.#pulse.start(this.cells, stepMs)
    return this.cellBytes.slice()
  }

  observe(cells: Cells, time: number, reading: number, isExcluded: boolean): Verdict {
    const { numbers } = cells
    const count = numbers[this.#count]!
    const elapsed = count === 0 ? 0 : time - numbers[this.#time]!
    if (!Number.isFinite(reading)) {
      if (count > 0) numbers[this.#time] = time
      return this.#silent()
    }
    if (count < firstValues) {
      this.#learnFirst(cells, time, elapsed, reading, isExcluded)
      return this.#silent()
    }
    const before = numbers[this.#reading]!
    const isCounter = numbers[this.#isCounter] === 1
    if (isCounter && this.#counter.refutes(reading, before) && !isExcluded) {
      this.#forget(cells)
      return this.observe(cells, time, reading, isExcluded)
    }
    const value = isCounter ? this.#counter.gain(reading, before) : reading
    const sample = this.#sample
    sample.time = time
    sample.value = this.#unit.toUnits(cells, value)
    sample.last = numbers[this.#last]!
    sample.count = count
    sample.age = time - numbers[this.#begin]!
    this.#forecast.predict(cells, sample)
    const verdict = this.#judge(cells, isCounter ? before : 0)
    numbers[this.#time] = time
    numbers[this.#reading] = reading
    if (!isExcluded) this.#learn(cells, elapsed)
    return verdict
  }

  silence(cells: Cells, time: number): Verdict | undefined {
    const { numbers } = cells
    const count = numbers[this.#count]!
    if (count === 0) return undefined
    const surprise = this.#pulse.surprise(cells, time - numbers[this.#time]!)
    if (surprise === 0) return undefined
    const verdict = this.#silent()
    verdict.likelihood = -Math.expm1(-surprise)
    verdict.surprise = surprise
    verdict.isSure = count >= sureAfter
    verdict.kind = 'missing'
    return verdict
  }

  /** As of the last value; undefined while nothing shows that it goes one way. */
  heading(cells: Cells): Heading | undefined {
    const { numbers } = cells
    const isCounter = numbers[this.#isCounter] === 1
    const isWorthAsking = this.#trend && (isCounter || this.#trend.isGoing(cells))
    if (!isWorthAsking || !this.#trend.readTrail(cells, trail)) return undefined
    const reading = numbers[this.#reading]!
    const begin = numbers[this.#begin]!
    const place = { isCounter, reading, begin, age: numbers[this.#time]! - begin }
    return headingOf(cells, this.#unit, this.#forecast, place, trend.prior, (surprise) => ({
      likelihood: this.#likelihoodOf(surprise),
      surprise: Math.max(0, surprise - this.#chances),
    }))
  }

  /** Each model has its own chance of being wrong (Bonferroni). */
  #likelihoodOf(surprise: number): number {
    return Math.max(0, 1 - this.#judges.length * Math.exp(-surprise))
  }

  #learnFirst(cells: Cells, time: number, elapsed: number, reading: number, isExcluded: boolean): void {
    const { numbers } = cells
    const count = numbers[this.#count]!
    if (count === 0) numbers[this.#begin] = time
    if (count > 0 && !isExcluded) {
      this.#counter.learn(cells, reading, numbers[this.#reading]!)
      this.#pulse.learn(cells, elapsed)
    }
    numbers[this.#time] = time
    if (isExcluded) return
    numbers[this.#reading] = reading
    this.#unit.keep(cells, count, reading)
    numbers[this.#count] = count + 1
    if (count + 1 < firstValues) return
    const first = this.#unit.first(cells)
    if (this.#counter.isOne(cells, firstValues)) {
      numbers[this.#isCounter] = 1
      for (let i = firstValues - 1; i > 0; i--) first[i] = this.#counter.gain(first[i]!, first[i - 1]!)
      first[0] = first[1]!
    }
    this.#unit.fix(cells)
    for (const value of first) this.#score.keep(cells, this.#unit.toUnits(cells, value))
    numbers[this.#last] = this.#unit.toUnits(cells, first[firstValues - 1]!)
  }

  #judge(cells: Cells, base: number): Verdict {
    const sample = this.#sample
    const verdict = this.#verdict
    const contributions = this.#contributions
    let highest = 0
    let loudest: Judge | undefined
    let sum = 0
    for (let i = 0; i < this.#judges.length; i++) {
      const judge = this.#judges[i]!
      judge.distance = judge.model.judge(cells, sample)
      const isSure = sample.count >= judge.warmUp
      const surprise = isSure ? judge.calibrator.surprise(cells, judge.distance) : 0
      contributions[i] = surprise
      sum += surprise
      if (surprise <= highest) continue
      highest = surprise
      loudest = judge
    }
    for (let i = 0; i < contributions.length; i++) contributions[i] = sum > 0 ? contributions[i]! / sum : 0
    const margin = band * sample.spread
    verdict.score = this.#score.judge(cells, sample.value)
    verdict.likelihood = this.#likelihoodOf(highest)
    verdict.surprise = Math.max(0, highest - this.#chances)
    verdict.expected = this.#unit.fromUnits(cells, sample.expected, base)
    verdict.lower = this.#unit.fromUnits(cells, sample.expected - margin, base)
    verdict.upper = this.#unit.fromUnits(cells, sample.expected + margin, base)
    verdict.kind = loudest ? loudest.model.kindOf(cells, sample) : kindOf(sample)
    verdict.isSure = sample.count >= sureAfter
    return verdict
  }

  #learn(cells: Cells, elapsed: number): void {
    const { numbers } = cells
    const sample = this.#sample
    this.#pulse.learn(cells, elapsed)
    this.#score.learn(cells, sample.value)
    for (const { model, calibrator, warmUp, every, distance } of this.#judges) {
      if (sample.count >= warmUp / 2 && sample.count % every === 0) calibrator.learn(cells, distance)
      model.learn(cells, sample)
    }
    this.#forecast.learn(cells, sample)
    numbers[this.#last] = sample.value
    numbers[this.#count] = sample.count + 1
  }

  #forget(cells: Cells): void {
    cells.numbers.fill(0)
    cells.floats.fill(0)
    cells.words.fill(0)
    cells.halves.fill(0)
    cells.early = this.layout.early()
  }

  #silent(): Writable<Verdict> {
    const verdict = this.#verdict
    verdict.score = 0
    verdict.likelihood = 0
    verdict.surprise = 0
    verdict.expected = Number.NaN
    verdict.lower = Number.NaN
    verdict.upper = Number.NaN
    verdict.kind = 'spike'
    verdict.isSure = false
    this.#contributions.fill(0)
    return verdict
  }
}

const kindOf = ({ residual }: Sample): AnomalyKind => (residual < 0 ? 'drop' : 'spike')

/** Values that the likelihood may be believed after. */
const sureAfter = 96
/** In spreads: Gaussian noise is beyond once in half a billion values. */
const band = 6
