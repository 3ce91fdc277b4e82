import { BadRecordError } from '../../../shared/errors.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import { detectorOf } from '../ensemble/ensemble.ts'
import { deviation } from '../models/deviation.ts'
import { levelShift } from '../models/level-shift.ts'
import { novelty } from '../models/novelty.ts'
import { trend } from '../models/trend.ts'
import type { SeriesDetector, SeriesDetectorKind, Verdict } from '../series-detector.ts'

/** A flat line, scatter and shape of a difference say nothing about a member that its own series does not. */
const models = [deviation, levelShift, trend, novelty]

/** Two kinds, because a kind gives the same verdict object again and again. */
const ofDifferences = detectorOf('difference', models)
const ofRatios = detectorOf('ratio', models)

/** Of the bytes of a state: it, the length of the first part, and both parts. */
const version = 1

/**
 * Watches how a member differs from its siblings, by difference and by ratio, each with the calibrated models that watch
 * a series. It must be unusual in both: what moves all by the same amount leaves the differences as they are, what
 * multiplies all leaves the ratios, and noise that grows with the load shows in one of them only. A member that is
 * where it should be by most of its siblings is never an anomaly: no further from the range that they are in than this is
 * wide (about Tukey's fences, Exploratory Data Analysis, 1977). Nor is silence.
 */
export const peers: SeriesDetectorKind = {
  name: 'peers',
  models: models.map(({ name }) => name),
  create: (stepMs) => new PeerDetector(ofDifferences.create(stepMs), ofRatios.create(stepMs)),
  decode(bytes) {
    if (bytes[0] !== version || bytes.length < 5)
      throw new BadRecordError('invalid_state', `not a state of peers of version ${version}`)
    const end = 5 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(1)
    return new PeerDetector(
      ofDifferences.decode(bytes.subarray(5, end)),
      ofRatios.decode(bytes.subarray(end)),
    )
  },
}

class PeerDetector implements SeriesDetector {
  readonly #differences: SeriesDetector
  readonly #ratios: SeriesDetector

  constructor(differences: SeriesDetector, ratios: SeriesDetector) {
    this.#differences = differences
    this.#ratios = ratios
  }

  /** `beside` has the numbers of `Compared`, in its order. */
  observe(time: EventTime, value: number, isExcluded: boolean, beside: ArrayLike<number> = []): Verdict {
    const byDifference = this.#differences.observe(time, beside[0] ?? Number.NaN, isExcluded)
    const byRatio = this.#ratios.observe(time, beside[1] ?? Number.NaN, isExcluded)
    const calmer = byRatio.isSure && byRatio.surprise < byDifference.surprise ? byRatio : byDifference
    const [, , expected = Number.NaN, lower = Number.NaN, upper = Number.NaN] = Array.from(beside)
    const fence = upper - lower
    const isAsExpected = value >= lower - fence && value <= upper + fence
    return {
      score: isAsExpected ? 0 : calmer.score,
      likelihood: isAsExpected ? 0 : calmer.likelihood,
      surprise: isAsExpected ? 0 : calmer.surprise,
      expected,
      lower,
      upper,
      kind: 'peer',
      isSure: byDifference.isSure,
      contributions: calmer.contributions,
    }
  }

  silence(): undefined {
    return undefined
  }

  encode(): Uint8Array {
    const differences = this.#differences.encode()
    const head = Buffer.alloc(5)
    head[0] = version
    head.writeUInt32BE(differences.length, 1)
    return Buffer.concat([head, differences, this.#ratios.encode()])
  }
}
