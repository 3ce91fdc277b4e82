import { styleText } from 'node:util'
import type { Anomaly, Window } from '../../shared/avro/types.ts'
import { seriesKey } from '../../shared/series/series.ts'
import type { ServiceSample } from './scrape.ts'

/** Everything that the summary shows. */
export interface View {
  readonly seconds: number
  readonly samples: readonly {
    readonly name: string
    readonly now: ServiceSample | undefined
    readonly before: ServiceSample | undefined
  }[]
  readonly windows: readonly Window[]
  readonly windowCount: number
  readonly anomalies: readonly Anomaly[]
  readonly anomalyCount: number
  readonly notes: readonly string[]
  /** What to open, by name. */
  readonly places: Readonly<Record<string, string>>
}

/** The summary as lines of text, of at most `columns` characters. */
export function renderSummary(view: View, columns: number): string {
  return [
    `${styleText('bold', 'Tidemark')}  ${view.seconds.toFixed(0)} s  ${view.windowCount.toLocaleString('en')} windows, ${view.anomalyCount} anomalies`,
    '',
    ...stages(view.samples),
    '',
    ...series(view.windows),
    '',
    ...anomalies(view.anomalies),
    ...view.notes.map((note) => styleText('yellow', `! ${note}`)),
    '',
    ...Object.entries(view.places).map(([name, place]) => `${name.padEnd(16)} ${place}`),
  ]
    .map((line) => clip(line, columns))
    .join('\n')
}

function stages(samples: View['samples']): readonly string[] {
  const head = styleText(
    'dim',
    `${'stage'.padEnd(20)}${'in/s'.padStart(9)}${'out/s'.padStart(9)}${'lag'.padStart(9)}${'refused'.padStart(9)}`,
  )
  const rows = samples.map(({ name, now, before }) => {
    if (!now) return `${name.padEnd(20)}${styleText('dim', '  starting')}`
    const per = (field: 'recordsIn' | 'recordsOut') =>
      before && now.at > before.at
        ? (((now[field] - before[field]) * 1_000) / (now.at - before.at)).toFixed(1)
        : '–'
    const row = `${name.padEnd(20)}${per('recordsIn').padStart(9)}${per('recordsOut').padStart(9)}${String(now.lag).padStart(9)}${String(now.rejected).padStart(9)}`
    return now.ready ? row : `${row}  ${styleText('yellow', now.reason)}`
  })
  return [head, ...rows]
}

/** Series that say something about any machine, before those that say something about servers. */
const interesting = [
  'cpu.usage_user',
  'cpu.usage_system',
  'system.load1',
  'mem.used_percent',
  'diskio.write_bytes_per_second',
  'net.bytes_recv_per_second',
  'elasticsearch.response_ms',
  'influxdb.response_ms',
]

function series(windows: readonly Window[]): readonly string[] {
  const head = styleText(
    'dim',
    `${'newest window of'.padEnd(52)}${'count'.padStart(6)}${'P50'.padStart(12)}${'P90'.padStart(12)}${'P99'.padStart(12)}`,
  )
  const newest = new Map<string, Window>()
  for (const window of windows) {
    const known = newest.get(window.series.metric)
    if (
      !known ||
      window.start > known.start ||
      (window.start === known.start && seriesKey(window.series) < seriesKey(known.series))
    ) {
      newest.set(window.series.metric, window)
    }
  }
  const rank = (metric: string) =>
    interesting.includes(metric) ? interesting.indexOf(metric) : interesting.length
  const shown = [...newest.values()]
    .sort(
      (a, b) => rank(a.series.metric) - rank(b.series.metric) || (a.series.metric < b.series.metric ? -1 : 1),
    )
    .slice(0, 8)
  if (shown.length === 0)
    return [head, styleText('dim', 'the first window closes some fifteen seconds after the first point')]
  return [
    head,
    ...shown.map(
      (window) =>
        `${nameOf(window).padEnd(52)}${String(window.count).padStart(6)}${[window.p50, window.p90, window.p99].map((value) => short(value).padStart(12)).join('')}`,
    ),
  ]
}

function anomalies(found: readonly Anomaly[]): readonly string[] {
  if (found.length === 0) return [styleText('dim', 'anomalies: none yet')]
  return found.slice(-5).map(({ start, state, message }) => {
    const time = new Date(start).toISOString().slice(11, 19)
    const isOver = state === 'closed' || state === 'withdrawn'
    return styleText(isOver ? 'dim' : 'red', `${isOver ? '△' : '▲'} ${time} ${message}`)
  })
}

function nameOf({ series }: Pick<Window, 'series'>): string {
  const tags = series.tags.filter(({ key }) => key !== 'host').map(({ key, value }) => `${key}=${value}`)
  return clip(`${series.metric} ${tags.join(' ')}`, 51)
}

/** Few digits, and a letter for thousands, millions and so on. */
export function short(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e15) return value.toExponential(2)
  const units = [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e4, 'k'],
  ] as const
  const unit = units.find(([least]) => size >= least)
  if (unit?.[1] === 'k') return `${(value / 1e3).toFixed(1)}k`
  if (unit) return `${(value / unit[0]).toFixed(2)}${unit[1]}`
  return size !== 0 && size < 0.01 ? value.toExponential(1) : value.toFixed(2)
}

/** Cuts by characters, not counting those that colour the text. */
function clip(line: string, columns: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour
  const plain = line.replace(/\u001b\[[0-9;]*m/g, '')
  return plain.length <= columns ? line : `${plain.slice(0, columns - 1)}…`
}
