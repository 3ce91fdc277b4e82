import type { SeriesDetectorKind } from '../../services/detector/series-detector.ts'
import { gaussian } from '../../test/support/gaussian.ts'
import type { Fault } from './faults.ts'
import { counterOf, type Noise } from './noises.ts'

/** The likelihood from which on there is an alarm. */
export const alarm = 1 - 1e-6
/** One alarm is another's, when no more windows than these are between them. */
const coolDownWindows = 60

export interface Span {
  readonly windows: number
  readonly windowMs: number
}

/** How many anomalies a detector sees where nothing happens. */
export function falseAnomalies(kind: SeriesDetectorKind, noise: Noise, seed: number, span: Span): number {
  const detector = kind.create(span.windowMs)
  const value = valuesOf(noise, seed)
  let anomalies = 0
  let last = -Infinity
  for (let window = 0; window < span.windows; window++) {
    const time = window * span.windowMs
    const { likelihood, isSure } = detector.observe(time, value(time), false)
    if (!isSure || likelihood < alarm) continue
    if (window - last > coolDownWindows) anomalies++
    last = window
  }
  return anomalies
}

/** Windows from the beginning of a fault to the first alarm: 0 is the first one; undefined when none comes in time. */
export function delayOf(
  kind: SeriesDetectorKind,
  noise: Noise,
  fault: Fault,
  seed: number,
  { windows, windowMs }: Span,
): number | undefined {
  const detector = kind.create(windowMs)
  // At any time of the last third.
  const begin = Math.floor(windows * (2 / 3) + ((seed * 137) % (windows / 4)))
  const next = gaussian(seed + 1)
  let since = -1
  const usual = noise.create(seed)
  const faulty = (time: number) =>
    since < 0 ? usual(time) : fault.change(usual(time + (fault.shiftMs ?? 0)), since, noise, next)
  let gone = false
  const present = (time: number) => {
    const value = faulty(time)
    gone = value === undefined
    return value ?? 0
  }
  const value = noise.isCounter ? counterOf(present, seed) : present
  for (let window = 0; window < begin + fault.within; window++) {
    since = window - begin
    const time = window * windowMs
    const shown = value(time)
    const verdict = gone ? detector.silence(time) : detector.observe(time, shown, false)
    if (since >= 0 && verdict?.isSure && verdict.likelihood >= alarm) return since
  }
  return undefined
}

function valuesOf(noise: Noise, seed: number): (time: number) => number {
  const values = noise.create(seed)
  return noise.isCounter ? counterOf(values, seed) : values
}
