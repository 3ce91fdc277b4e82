import { median } from 'simple-statistics'
import { ensemble } from '../../services/detector/ensemble/ensemble.ts'
import { writeMember } from '../../services/detector/peers/store-form.ts'
import { gaussian } from '../../test/support/gaussian.ts'
import { type Entity, entities, falseJointAnomalies, jointDelayOf } from '../detector/entity-trial.ts'
import { type Fault, faults } from '../detector/faults.ts'
import { foresightOf, limitAlarms } from '../detector/limit-trial.ts'
import { type Noise, noises } from '../detector/noises.ts'
import { falsePeerAnomalies, peerDelayOf, Trial } from '../detector/peer-trial.ts'
import { commonEvents, departures, type Event, type Siblings, siblings } from '../detector/siblings.ts'
import { delayOf, falseAnomalies, type Span } from '../detector/trial.ts'
import type { Bench } from '../harness/bench.ts'
import { type Measured, machine, measured, round } from '../harness/result.ts'
import { WindowedGaussian } from '../peers/windowed-gaussian.ts'

const weekMs = 7 * 86_400_000
const monthMs = 30 * 86_400_000

/** A row of the table: noise alone, or with a fault. */
interface Row {
  readonly noise: string
  readonly fault: string
  readonly series: number
  readonly anomalies: number
  readonly false_per_30_days: number
  readonly recall: number
  readonly median_delay_windows: number
  /** Of a limit that was met: from the first alarm that named it; the error half-way, as a part of what was left; the share in the range told. */
  readonly median_hours_ahead?: number
  readonly median_error?: number
  readonly in_range?: number
}

/** What a window and a series cost, how often noise alarms, and how many faults are found how fast. */
export const detector: Bench = {
  name: 'detector',
  does: 'the detector alone, and its comparison of siblings and of fields: cost, false anomalies on noise, faults found (--series, --window-ms)',
  servers: [],

  async run({ options: { series = 100, windowMs = 60_000 }, report, signal }) {
    const before = machine()
    const span = { windows: Math.floor(weekMs / windowMs), windowMs }
    report('measuring the cost of a window')
    const ours = cost(() => {
      const watching = ensemble.create(windowMs)
      return (time, value) => watching.observe(time, value, false).likelihood
    }, stateBytes(windowMs))
    const peer = cost(() => {
      const watching = new WindowedGaussian()
      return (_, value) => watching.observe(value)
    }, new WindowedGaussian().bytes)
    const rows: Row[] = []
    for (const noise of noises) {
      signal.throwIfAborted()
      report(`${series} series of ${noise.name}`)
      rows.push(onNoise(noise, series, span))
    }
    const injected = Math.min(series, 50)
    const delays: (number | undefined)[] = []
    for (const noise of noises)
      for (const fault of faults) {
        signal.throwIfAborted()
        if (fault.befalls && !fault.befalls(noise)) continue
        const found = Array.from({ length: injected }, (_, i) =>
          delayOf(ensemble, noise, fault, 1_000 + i, span),
        )
        rows.push(onFault(noise, fault, found))
        delays.push(...found)
      }
    rows.push(onFault({ name: 'all' }, { name: 'all' }, delays))
    for (const noise of noises) {
      signal.throwIfAborted()
      rows.push(nearLimit(noise, injected, span))
      // What a counter counts meets nothing.
      if (!noise.isCounter) rows.push(...ages.map((age) => towardsLimit(noise, injected, span, age)))
    }
    report('measuring the cost of a window of siblings')
    const peers = costOfPeers(windowMs)
    const groups = Math.max(1, Math.round(series / 8))
    for (const kind of siblings) {
      report(`${groups} groups of siblings, ${kind.name}`)
      for (const row of onSiblings(kind, groups, span, signal)) rows.push(row)
    }
    for (const entity of entities) {
      signal.throwIfAborted()
      report(`${groups} entities, ${entity.name}`)
      rows.push(onEntities(entity, groups, span))
    }
    const [ofOneLoad] = entities
    const strange = Array.from({ length: Math.min(groups, 25) }, (_, i) =>
      jointDelayOf(ofOneLoad!, 1_000 + i, span),
    )
    rows.push(onFault({ name: `fields, ${ofOneLoad!.name}` }, { name: 'one at night as at noon' }, strange))
    return {
      bench: 'detector',
      taken: new Date().toISOString(),
      machine: before,
      workload: {
        series,
        series_of_each_fault: injected,
        groups_of_siblings: groups,
        siblings: groupSize,
        windows: span.windows,
        window_ms: windowMs,
      },
      ours,
      peer,
      siblings: peers,
      rows,
    }
  },
}

function onNoise(noise: Noise, series: number, span: Span): Row {
  let anomalies = 0
  for (let i = 0; i < series; i++) anomalies += falseAnomalies(ensemble, noise, i + 1, span)
  return {
    noise: noise.name,
    fault: '–',
    series,
    anomalies,
    false_per_30_days: round((anomalies * monthMs) / (series * span.windows * span.windowMs)),
    recall: Number.NaN,
    median_delay_windows: Number.NaN,
  }
}

/** A limit as far above the highest value as a tenth of the range. */
function nearLimit(noise: Noise, series: number, span: Span): Row {
  let anomalies = 0
  for (let i = 0; i < series; i++) anomalies += limitAlarms(ensemble, noise, i + 1, span, 0.1)
  return {
    noise: noise.name,
    fault: 'limit near by',
    series,
    anomalies,
    false_per_30_days: round((anomalies * monthMs) / (series * span.windows * span.windowMs)),
    recall: Number.NaN,
    median_delay_windows: Number.NaN,
  }
}

/** Days after which a leak begins, which meets its limit a day later. */
const ages = [
  { name: 'limit in a day, young series', days: 0.3 },
  { name: 'limit in a day', days: 4 },
]

function towardsLimit(noise: Noise, series: number, span: Span, { name, days }: (typeof ages)[number]): Row {
  const windowsOf = (some: number) => Math.round((some * 86_400_000) / span.windowMs)
  const leak = { begin: windowsOf(days), leakWindows: windowsOf(1) }
  const told = Array.from({ length: series }, (_, i) =>
    foresightOf(ensemble, noise, 1_000 + i, span, leak),
  ).filter((foresight) => foresight !== undefined)
  const medianOf = (figures: readonly number[]) =>
    figures.length > 0 ? round(median([...figures])) : Number.NaN
  return {
    noise: noise.name,
    fault: name,
    series,
    anomalies: told.length,
    false_per_30_days: Number.NaN,
    recall: round(told.length / series),
    median_delay_windows: Number.NaN,
    median_hours_ahead: medianOf(told.map(({ aheadWindows }) => (aheadWindows * span.windowMs) / 3_600_000)),
    median_error: medianOf(told.map(({ error }) => error)),
    in_range: round(told.filter(({ isInRange }) => isInRange).length / told.length),
  }
}

function onFault(
  noise: Pick<Noise, 'name'>,
  fault: Pick<Fault, 'name'>,
  delays: readonly (number | undefined)[],
): Row {
  const found = delays.filter((delay) => delay !== undefined)
  return {
    noise: noise.name,
    fault: fault.name,
    series: delays.length,
    anomalies: found.length,
    false_per_30_days: Number.NaN,
    recall: round(found.length / delays.length),
    median_delay_windows: found.length > 0 ? median(found) : Number.NaN,
  }
}

/** Of a series that is not quite new: what its first values need is given back after them. */
function stateBytes(windowMs: number): number {
  const watching = ensemble.create(windowMs)
  const next = gaussian(1)
  for (let window = 0; window < 1_000; window++) watching.observe(window * windowMs, next(), false)
  return watching.encode().length
}

const groupSize = 8

/** Noise alone, what befalls all, and what one member does. */
function* onSiblings(kind: Siblings, groups: number, span: Span, signal: AbortSignal): Generator<Row> {
  const alone = (event?: Event): Row => {
    signal.throwIfAborted()
    let anomalies = 0
    for (let i = 0; i < groups; i++) anomalies += falsePeerAnomalies(kind, groupSize, i + 1, span, event)
    const series = groups * groupSize
    return {
      noise: `siblings, ${kind.name}`,
      fault: event?.name ?? '–',
      series,
      anomalies,
      false_per_30_days: round((anomalies * monthMs) / (series * span.windows * span.windowMs)),
      recall: Number.NaN,
      median_delay_windows: Number.NaN,
    }
  }
  yield alone()
  for (const event of commonEvents) yield alone(event)
  for (const event of departures) {
    signal.throwIfAborted()
    const delays = Array.from({ length: Math.min(groups, 25) }, (_, i) =>
      peerDelayOf(kind, groupSize, event, 1_000 + i, span),
    )
    yield onFault({ name: `siblings, ${kind.name}` }, event, delays)
  }
}

/** Noise alone. */
function onEntities(entity: Entity, count: number, span: Span): Row {
  let anomalies = 0
  for (let i = 0; i < count; i++) anomalies += falseJointAnomalies(entity, i + 1, span)
  return {
    noise: `fields, ${entity.name}`,
    fault: '–',
    series: count,
    anomalies,
    false_per_30_days: round((anomalies * monthMs) / (count * span.windows * span.windowMs)),
    recall: Number.NaN,
    median_delay_windows: Number.NaN,
  }
}

/** CPU time of a window of one member, and bytes that are stored of it. */
function costOfPeers(windowMs: number): Measured {
  const windows = 4_000
  const groups = 25
  const trials = Array.from({ length: groups }, () => new Trial(groupSize, windowMs))
  const values = siblings[0]!.create(1, groupSize)
  const started = process.cpuUsage()
  const begun = performance.now()
  for (let window = 0; window < windows; window++) {
    const shown = values(window * windowMs)
    for (const trial of trials) trial.show(window * windowMs, shown)
  }
  const { user, system } = process.cpuUsage(started)
  const count = windows * groups * groupSize
  return measured(count, (user + system) / 1e6, (performance.now() - begun) / 1e3, {
    us_per_window: round((user + system) / count),
    state_bytes: writeMember(trials[0]!.storedMember).length,
  })
}

const costWindows = 20_000
const costSeries = 50

/** CPU time of a window, over series that are watched in turn as a worker does. */
function cost(create: () => (time: number, value: number) => number, stateBytes: number): Measured {
  const watching = Array.from({ length: costSeries }, create)
  const next = gaussian(1)
  const values = Float64Array.from({ length: 4_096 }, () => 100 + 10 * next())
  const started = process.cpuUsage()
  const begun = performance.now()
  for (let window = 0; window < costWindows; window++)
    for (let i = 0; i < costSeries; i++)
      watching[i]!(window * 10_000, values[(window * 31 + i * 17) & 4_095]!)
  const { user, system } = process.cpuUsage(started)
  const windows = costWindows * costSeries
  return measured(windows, (user + system) / 1e6, (performance.now() - begun) / 1e3, {
    us_per_window: round((user + system) / windows),
    state_bytes: stateBytes,
  })
}
