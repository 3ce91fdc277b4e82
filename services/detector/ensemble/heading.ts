import { type Prior, surpriseOf } from '../models/calibrator.ts'
import type { Cells } from '../models/cells.ts'
import { blockValues, finest, newTrail, type Trail, trailBlocks } from '../models/trend.ts'
import type { Heading } from '../series-detector.ts'
import type { Forecast } from './forecast.ts'
import type { Unit } from './unit.ts'

/** What is known of the series beside its trail. */
interface Place {
  /** Whether the trail is of what a counter gained, and what it read last. */
  readonly isCounter: boolean
  readonly reading: number
  /** Of the first value, and from that to the last one, milliseconds. */
  readonly begin: number
  readonly age: number
}

const steps = trailBlocks - 1
/** One for all series: what is asked is answered before the next question. */
export const trail: Trail = newTrail()
const path = new Float64Array(trailBlocks)
const slopes = new Float64Array((trailBlocks * steps) / 2)

/**
 * Where a series is going by the trail of its level: a straight line through the means of its last blocks. `worthOf` says what a
 * surprise is worth. Undefined when a walk without drift goes so straight now and then.
 */
export function headingOf(
  cells: Cells,
  unit: Unit,
  forecast: Forecast,
  { isCounter, reading, begin, age }: Place,
  prior: Prior,
  worthOf: (surprise: number) => Pick<Heading, 'likelihood' | 'surprise'>,
): Heading | undefined {
  const { means, ages, season, longer } = trail
  const blockMs = (ages[steps]! - ages[0]!) / steps
  if (!(blockMs > 0)) return undefined
  // A leak may have hidden the season from those who forecast.
  const untaken = isCounter || season !== 0 ? 0 : forecast.likelySeason(cells)
  const seasonAt = (which: number, time: number) => forecast.seasonAt(cells, which, time)
  let sum = 0
  for (let i = 0; i <= steps; i++) {
    const mean = means[i]! - seasonAt(untaken, begin + ages[i]! - blockMs / 2)
    sum += blockValues * unit.fromUnits(cells, mean)
    path[i] = isCounter ? sum : unit.fromUnits(cells, mean)
  }
  const error = errorOfStep(unit.sizeOf(cells, isCounter ? blockValues * finest : finest))
  const surprise = surpriseOf(Math.abs(path[steps]! - path[0]!) / steps / error, prior)
  const perMs = slope(ages)
  if (surprise === 0 || !Number.isFinite(perMs)) return undefined
  const sinceMiddle = age - ages[steps]! + blockMs / 2
  const which = isCounter ? 0 : season || untaken
  const seasonal = seasonAt(which, begin + age)
  return {
    level: isCounter ? reading : path[steps]! + unit.sizeOf(cells, seasonal) + perMs * sinceMiddle,
    seasonAhead: (time) => unit.sizeOf(cells, seasonAt(which, time) - seasonal),
    perMs,
    margin: (quantile * error) / blockMs,
    straying: (steps * error ** 2) / blockMs,
    seenMs: (steps + longer) * blockMs,
    ...worthOf(surprise),
  }
}

/**
 * Of the mean step of a random walk with drift. For points about a line it is more than it need be: then the next step makes up for
 * the one before. No steps are taken to be more alike than `finest`.
 */
function errorOfStep(finest: number): number {
  const mean = (path[steps]! - path[0]!) / steps
  let squares = 0
  for (let i = 0; i < steps; i++) squares += (path[i + 1]! - path[i]! - mean) ** 2
  return Math.max(Math.sqrt(squares / (steps - 1)), finest) / Math.sqrt(steps)
}

/** The median of the slopes between any two points (Theil 1950, Sen 1968), which a few odd ones do not move. */
function slope(ages: Float64Array): number {
  let pairs = 0
  for (let i = 0; i < steps; i++)
    for (let j = i + 1; j <= steps; j++) slopes[pairs++] = (path[j]! - path[i]!) / (ages[j]! - ages[i]!)
  slopes.sort()
  return (slopes[pairs / 2 - 1]! + slopes[pairs / 2]!) / 2
}

/** 97.5 % of Student's t distribution are below, with a degree of freedom less than there are steps. */
const quantile = 2.201
