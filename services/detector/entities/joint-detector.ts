import { BadRecordError } from '../../../shared/errors.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import { Calibrator } from '../models/calibrator.ts'
import { Layout } from '../models/cells.ts'
import type { SeriesDetector, SeriesDetectorKind, Verdict } from '../series-detector.ts'
import { jointDistance, type Moments, maxFields, maxMoments } from './moments.ts'

/**
 * Each moment is as likely to be remembered as any other before (reservoir sampling: Vitter 1985), but one in so many is at least: of
 * those that are remembered half are gone after 5,700 windows. One that surprises is no likelier than that, lest an anomaly be
 * usual at once.
 */
const rarely = 32
/** Moments that must be known before distances mean something. */
const warmUp = 256
/** Windows after which the likelihood may be believed. */
const sureAfter = 384
/** Windows that have most of the weight in what is usual of a field. */
const memory = 4_096
/** In usual deviations: what is farther is learnt as this. */
const farthest = 6
/** No deviation is taken for less than this part of the level. */
const finest = 0.01
/** Of a normal distribution: standard deviations in a mean absolute one. */
const perMeanError = 1.2533
/** From this surprise on a moment is not an ordinary one, and it is worth saying which fields have a part in it. */
const worthSaying = 7

const layout = new Layout()
const countAt = layout.numbers(1)
/** Of each field: how often it came, its centre, and its mean absolute deviation from it. */
const fieldsAt = layout.numbers(3 * maxFields)
/** As of fields that follow each other closely: it is soon raised where they do not. */
const calibrator = new Calibrator(layout, { usual: 0.3, excess: 0.1 })
const momentsAt = layout.floats(maxMoments * maxFields)

const version = 1

/**
 * Judges several fields of one entity together, by moments that were seen before: what is far from all of them though no
 * field is far from what it was, such as a processor that is as busy as at noon while there is nothing to do. The
 * distance is calibrated as those of a series' models are.
 */
export const joint: SeriesDetectorKind = {
  name: 'joint',
  models: Array.from({ length: maxFields }, (_, place) => String(place)),
  create: () => new JointDetector(),
  decode(bytes) {
    if (bytes[0] !== version || bytes.length !== layout.bytes + 1)
      throw new BadRecordError('invalid_state', `not a state of fields together of version ${version}`)
    return new JointDetector(bytes.subarray(1))
  },
}

class JointDetector implements SeriesDetector {
  readonly #cells = layout.cells()
  readonly #moments: Float32Array

  constructor(bytes?: Uint8Array) {
    if (bytes) new Uint8Array(this.#cells.numbers.buffer).set(bytes)
    this.#moments = this.#cells.floats.subarray(momentsAt, momentsAt + maxMoments * maxFields)
  }

  /** `fields` has the value of each, NaN for one that has none. */
  observe(_time: EventTime, _value: number, isExcluded: boolean, fields: ArrayLike<number> = []): Verdict {
    const count = this.#cells.numbers[countAt]!
    const present = presentIn(fields)
    const moments: Moments = {
      remembered: this.#moments,
      count: Math.min(count, maxMoments),
      values: fields,
      scales: this.#scales(),
    }
    const distance = jointDistance(moments, present)
    const surprise = count >= warmUp ? calibrator.surprise(this.#cells, distance) : 0
    const verdict: Verdict = {
      score: distance,
      likelihood: -Math.expm1(-surprise),
      surprise,
      expected: 0,
      lower: 0,
      upper: calibrator.usual(this.#cells),
      kind: 'shape',
      isSure: count >= sureAfter,
      contributions: surprise < worthSaying ? none : sharesOf(moments, present, distance),
    }
    if (!isExcluded) this.#learn(fields, distance, surprise)
    return verdict
  }

  silence(): undefined {
    return undefined
  }

  encode(): Uint8Array {
    const bytes = new Uint8Array(1 + layout.bytes)
    bytes[0] = version
    bytes.set(new Uint8Array(this.#cells.numbers.buffer), 1)
    return bytes
  }

  #scales(): Float64Array {
    const { numbers } = this.#cells
    const scales = new Float64Array(maxFields)
    for (let field = 0; field < maxFields; field++) {
      const at = fieldsAt + 3 * field
      scales[field] = Math.max(perMeanError * numbers[at + 2]!, finest * Math.abs(numbers[at + 1]!)) || 1
    }
    return scales
  }

  #learn(fields: ArrayLike<number>, distance: number, surprise: number): void {
    const { numbers } = this.#cells
    const count = numbers[countAt]!
    if (count >= warmUp) calibrator.learn(this.#cells, distance)
    numbers[countAt] = count + 1
    for (let field = 0; field < maxFields; field++) this.#learnField(field, fields[field] ?? Number.NaN)
    const place = placeOf(
      count,
      surprise < worthSaying ? Math.min(count, rarely * maxMoments) : rarely * maxMoments,
    )
    if (place < 0) return
    for (let field = 0; field < maxFields; field++)
      this.#moments[place * maxFields + field] = fields[field] ?? Number.NaN
  }

  #learnField(field: number, value: number): void {
    if (!Number.isFinite(value)) return
    const { numbers } = this.#cells
    const at = fieldsAt + 3 * field
    const times = Math.min(memory, numbers[at]! + 1)
    numbers[at] = times
    const deviation = numbers[at + 2]!
    const limit = times > warmUp && deviation > 0 ? farthest * deviation : Number.POSITIVE_INFINITY
    const away = Math.max(-limit, Math.min(limit, value - numbers[at + 1]!))
    if (times > 1) numbers[at + 2] = deviation + (Math.abs(away) - deviation) / (times - 1)
    numbers[at + 1]! += away / times
  }
}

/** Those that have a value. */
function presentIn(fields: ArrayLike<number>): readonly number[] {
  const present: number[] = []
  for (let field = 0; field < Math.min(maxFields, fields.length); field++)
    if (Number.isFinite(fields[field])) present.push(field)
  return present
}

/** How much less far the moment would be without each field, as shares of all that is so explained. */
function sharesOf(moments: Moments, present: readonly number[], distance: number): readonly number[] {
  const shares = [...none]
  for (const field of present) {
    const others = present.filter((one) => one !== field)
    shares[field] = Math.max(0, distance - jointDistance(moments, others))
  }
  const sum = shares.reduce((all, one) => all + one, 0)
  return sum === 0 ? shares : shares.map((share) => share / sum)
}

/**
 * Where the moment after `count` others is put, by a chance of one in `among` for each place, but always the same (the finalizer of
 * MurmurHash3); -1 for nowhere.
 */
function placeOf(count: number, among: number): number {
  if (count < maxMoments) return count
  let hash = Math.imul(count ^ (count >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  hash = (hash ^ (hash >>> 16)) >>> 0
  const place = hash % among
  return place < maxMoments ? place : -1
}

const none: readonly number[] = new Array(maxFields).fill(0)
