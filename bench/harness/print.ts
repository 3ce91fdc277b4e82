import type { BenchResult, Measured } from './result.ts'
import { figure, tableOf } from './table.ts'

/** The sides of a comparison beside each other, and the figures that one side has alone below. */
export function textOf(result: BenchResult): string {
  const { bench, taken: _, machine: __, workload, ours, peer, limit, rows: list, ...figures } = result
  const { ratio_peer: ratioPeer, ratio_limit: ratioLimit, ...alone } = figures
  const names = Object.entries({ ours, peer, limit }).filter(
    (entry): entry is [string, Measured] => !!entry[1],
  )
  const parts = [`bench ${bench}: ${settingsOf(workload)}`]
  if (names.length > 0)
    parts.push(
      tableOf([
        ['', 'points', 'CPU s', 'wall s', 'points per CPU s', 'points per wall s'],
        ...names.map(([name, side]) => [
          name,
          figure(side.points),
          figure(side.cpu_s),
          figure(side.wall_s),
          figure(side.points_per_cpu_s),
          figure(Math.round(side.points / side.wall_s)),
        ]),
      ]),
    )
  for (const [name, side] of names) {
    const { points: _, cpu_s: __, wall_s: ___, points_per_cpu_s: ____, ...more } = side
    if (Object.keys(more).length > 0) parts.push(`${name}: ${settingsOf(more)}`)
  }
  const rows = list as readonly Readonly<Record<string, unknown>>[] | undefined
  if (rows?.[0]) {
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
    parts.push(
      tableOf([columns.map(spelt), ...rows.map((row) => columns.map((column) => shown(row[column])))]),
    )
  }
  if (Object.keys(alone).length > 0) parts.push(settingsOf(alone))
  if (ratioPeer !== undefined) parts.push(`ours / peer: ${figure(ratioPeer)} times the points per CPU second`)
  if (ratioLimit !== undefined) parts.push(`ours / limit: ${figure(ratioLimit * 100)} %`)
  return `${parts.join('\n')}\n`
}

const spelt = (key: string) => key.replaceAll('_', ' ')
const shown = (value: unknown) =>
  typeof value === 'number' || value === undefined ? figure(value) : String(value)

const settingsOf = (values: Readonly<Record<string, unknown>>) =>
  Object.entries(values)
    .filter(([, value]) => typeof value !== 'object')
    .map(([key, value]) => `${spelt(key)} ${shown(value)}`)
    .join(', ')
