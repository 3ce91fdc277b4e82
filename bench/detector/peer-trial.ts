import { detectorSection } from '../../services/detector/config.ts'
import { besideWidth } from '../../services/detector/peers/comparison.ts'
import { PeerGroup } from '../../services/detector/peers/group.ts'
import { peers } from '../../services/detector/peers/peer-detector.ts'
import { watchSettings } from '../../services/detector/watch/settings.ts'
import type { Series, ToldEpisode } from '../../shared/avro/types.ts'
import type { Event, Siblings } from './siblings.ts'
import type { Span } from './trial.ts'

/** A group with `members` series, and what it tells. */
export class Trial {
  readonly told: { readonly member: number; readonly time: number; readonly told: ToldEpisode }[] = []
  readonly #group: PeerGroup
  readonly #series: readonly Series[]

  constructor(members: number, windowMs: number) {
    const config = detectorSection.schema.parse({ cooldownWindows: 60, windowSizesMs: [windowMs] })
    const series = (host?: number): Series => ({
      metric: 'm',
      tags: host === undefined ? [] : [{ key: 'host', value: String(host) }],
      kind: 'gauge',
      unit: '',
    })
    this.#series = Array.from({ length: members }, (_, i) => series(i))
    const place = { rule: '', group: series(), statistic: 'mean', sizeMs: windowMs, step: 'points' } as const
    this.#group = new PeerGroup(place, {
      ...watchSettings(config, peers, windowMs),
      beside: besideWidth,
      calendar: [],
      forgetMs: config.forgetMs,
      tell: (_, watch, told, time) => {
        this.told.push({ member: Number(watch.series.tags[0]!.value), time, told })
      },
    })
  }

  /** A window of all members; NaN for one that has none. */
  show(time: number, values: readonly number[]): void {
    for (const [i, value] of values.entries())
      if (!Number.isNaN(value)) this.#group.put(this.#series[i]!, time, value)
    this.#group.advance(time + this.#group.place.sizeMs)
  }

  /** What it would store of a member. */
  get storedMember() {
    return this.#group.stateOf(this.#group.members()[0]!, 0)
  }
}

/** How many anomalies all members together have where nothing happens, or nothing but `event`. */
export function falsePeerAnomalies(
  kind: Siblings,
  members: number,
  seed: number,
  { windows, windowMs }: Span,
  event?: Event,
): number {
  const trial = new Trial(members, windowMs)
  const valuesAt = kind.create(seed, members)
  const begin = beginOf(windows, seed)
  for (let window = 0; window < windows; window++) {
    const values = valuesAt(window * windowMs)
    const isChanged = event !== undefined && window >= begin && window < begin + event.within
    trial.show(window * windowMs, isChanged ? event.change(values, window - begin, kind.deviation) : values)
  }
  return trial.told.filter(({ told }) => told.revision === 0).length
}

/** Windows until the first member is told, 0 for the first one; undefined when it is not told in time. */
export function peerDelayOf(
  kind: Siblings,
  members: number,
  event: Event,
  seed: number,
  { windows, windowMs }: Span,
): number | undefined {
  const trial = new Trial(members, windowMs)
  const valuesAt = kind.create(seed, members)
  const begin = beginOf(windows, seed)
  for (let window = 0; window < begin + event.within; window++) {
    const values = valuesAt(window * windowMs)
    const since = window - begin
    trial.show(window * windowMs, since < 0 ? values : event.change(values, since, kind.deviation))
    const isTold = trial.told.some(({ member, time }) => member === 0 && time >= begin * windowMs)
    if (since >= 0 && isTold) return since
  }
  return undefined
}

/** At any time of the last third. */
const beginOf = (windows: number, seed: number) =>
  Math.floor(windows * (2 / 3) + ((seed * 137) % (windows / 4)))
