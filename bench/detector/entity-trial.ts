import { joint } from '../../services/detector/entities/joint-detector.ts'
import { gaussian } from '../../test/support/gaussian.ts'
import { alarm, type Span } from './trial.ts'

const dayMs = 86_400_000
const coolDownWindows = 60

/** Fields of one host, in order of time; `hostile` is the time that one of them lives in, if not in that of the others. */
export interface Entity {
  readonly name: string
  create(seed: number): (time: number, hostile: number) => number[]
}

const load = (time: number) => 100 * (1 + 0.6 * Math.sin((2 * Math.PI * time) / dayMs))

/** All fields follow one load. */
const busy: Entity = {
  name: 'of one load',
  create(seed) {
    const next = gaussian(seed)
    return (time, hostile) => [
      10 + 0.4 * load(hostile) + 2 * next(),
      load(time) + 5 * next(),
      5 + 0.1 * load(time) + next(),
      40 + 0.2 * load(time) + 2 * next(),
    ]
  },
}

/** Each field has noise of its own, and nothing in common with the others. */
const apart: Entity = {
  name: 'of noise',
  create(seed) {
    const next = gaussian(seed)
    return () => Array.from({ length: 5 }, () => 100 + 10 * next())
  },
}

export const entities: readonly Entity[] = [busy, apart]

/** How many anomalies there are where nothing happens. */
export function falseJointAnomalies(entity: Entity, seed: number, { windows, windowMs }: Span): number {
  const detector = joint.create(windowMs)
  const fieldsAt = entity.create(seed)
  let anomalies = 0
  let last = -Infinity
  for (let window = 0; window < windows; window++) {
    const time = window * windowMs
    const { likelihood, isSure } = detector.observe(time, 0, false, fieldsAt(time, time))
    if (!isSure || likelihood < alarm) continue
    if (window - last > coolDownWindows) anomalies++
    last = window
  }
  return anomalies
}

/**
 * Windows until it is told that the first field lives in another time of the day, at night as at noon; undefined when it is
 * not told within an hour.
 */
export function jointDelayOf(entity: Entity, seed: number, { windows, windowMs }: Span): number | undefined {
  const detector = joint.create(windowMs)
  const fieldsAt = entity.create(seed)
  const perDay = dayMs / windowMs
  // At a time when the load is lowest, which is three quarters of a day after its middle.
  const begin = Math.floor(((windows / perDay) * 2) / 3) * perDay + 0.75 * perDay + ((seed * 37) % 60)
  for (let window = 0; window < begin + 60; window++) {
    const time = window * windowMs
    const hostile = window < begin ? time : time + dayMs / 2
    const { likelihood, isSure } = detector.observe(time, 0, false, fieldsAt(time, hostile))
    if (window >= begin && isSure && likelihood >= alarm) return window - begin
  }
  return undefined
}
