import { foresee, type Limits } from '../../services/detector/limits/foresee.ts'
import type { SeriesDetectorKind, Verdict } from '../../services/detector/series-detector.ts'
import type { Meeting } from '../../shared/avro/types.ts'
import { counterOf, type Noise } from './noises.ts'
import { alarm, type Span } from './trial.ts'

const limitAheadMs = 4 * 3_600_000
/** Values whose mean meets the limit: single ones scatter. */
const meanValues = 32

/** How a limit that was met had been foreseen. */
export interface Foresight {
  /** From the first alarm that named the limit until it was met. */
  readonly aheadWindows: number
  /** Of what was foretold half-way between the first alarm and the limit: how far it was off, as a part of what was left. */
  readonly error: number
  readonly isInRange: boolean
}

interface Told {
  readonly window: number
  readonly meeting: Meeting
}

/**
 * Of a series that leaks from the window `begin` on, and would meet its limit after `leakWindows`; undefined when no alarm names
 * the limit before it is met.
 */
export function foresightOf(
  kind: SeriesDetectorKind,
  noise: Noise,
  seed: number,
  { windowMs }: Span,
  { begin, leakWindows }: { readonly begin: number; readonly leakWindows: number },
): Foresight | undefined {
  const usual = noise.create(seed)
  const rise = noise.leak * noise.deviation
  const recent = new Float64Array(meanValues)
  const told: Told[] = []
  const detector = kind.create(windowMs)
  let limits: Limits | undefined
  for (let window = 0; window < begin + 3 * leakWindows; window++) {
    const time = window * windowMs
    const value = usual(time) + rise * Math.max(0, window - begin)
    if (window === begin) limits = { values: [value + rise * leakWindows], aheadMs: limitAheadMs }
    const verdict = judged(kind, detector, time, value, limits)
    recent[window % meanValues] = value
    if (window > begin && recent.reduce((sum, one) => sum + one / meanValues, 0) >= limits!.values[0]!)
      return foresight(told, window - meanValues / 2, windowMs)
    if (verdict.meeting && verdict.isSure && verdict.likelihood >= alarm)
      told.push({ window, meeting: verdict.meeting })
  }
  return undefined
}

function foresight(told: readonly Told[], met: number, windowMs: number): Foresight | undefined {
  const first = told[0]
  if (!first || first.window >= met) return undefined
  const { window, meeting } = told.findLast((one) => one.window <= (first.window + met) / 2)!
  return {
    aheadWindows: met - first.window,
    error: Math.abs(meeting.at / windowMs - met) / (met - window),
    isInRange: meeting.earliest <= met * windowMs && met * windowMs <= meeting.latest,
  }
}

/** How many anomalies there are because of a limit that a series is never to meet: `above` its highest value of a week, in its range. */
export function limitAlarms(
  kind: SeriesDetectorKind,
  noise: Noise,
  seed: number,
  { windows, windowMs }: Span,
  above: number,
): number {
  const series = () => {
    const values = noise.create(seed)
    return noise.isCounter ? counterOf(values, seed) : values
  }
  const value = series()
  let [lowest, highest] = [Infinity, -Infinity]
  for (let window = 0; window < windows; window++) {
    const one = value(window * windowMs)
    lowest = Math.min(lowest, one)
    highest = Math.max(highest, one)
  }
  const limits = { values: [highest + above * (highest - lowest)], aheadMs: limitAheadMs }
  const detector = kind.create(windowMs)
  const again = series()
  let alarms = 0
  let last = -Infinity
  for (let window = 0; window < windows; window++) {
    const time = window * windowMs
    const verdict = judged(kind, detector, time, again(time), limits)
    if (!verdict.meeting || verdict.kind !== 'trend' || verdict.likelihood < alarm) continue
    if (window - last > 60) alarms++
    last = window
  }
  return alarms
}

function judged(
  kind: SeriesDetectorKind,
  detector: ReturnType<SeriesDetectorKind['create']>,
  time: number,
  value: number,
  limits: Limits | undefined,
): Verdict {
  const verdict = detector.observe(time, value, false)
  const heading = limits && detector.heading?.()
  return heading ? foresee(verdict, heading, limits!, time, kind.models) : verdict
}
