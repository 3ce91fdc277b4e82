import type { Findings } from './accounting/findings.ts'
import type { FaultName } from './faults/registry.ts'

/** What a run has found. */
export interface ChaosResult {
  readonly seed: number
  readonly seconds: number
  readonly points: number
  readonly logs: number
  readonly faults: Readonly<Partial<Record<FaultName, number>>>
  /** Times that two faults came at once. */
  readonly pairs: number
  readonly findings: readonly Findings[]
  /** Points in the late topic: none were sent so late. */
  readonly late: number
  readonly deadLetters: number
  /** Workers that ended though nobody had asked them to. */
  readonly crashes: readonly string[]
  /** What was still unread when the wait for the end was over. */
  readonly undrained: readonly string[]
}

const total = (findings: readonly Findings[], of: 'lost' | 'doubled' | 'wrong') =>
  findings.reduce((sum, one) => sum + one[of], 0)

/** Whether everything is accounted for, and nothing crashed; what ended among the late or the refused is not, since none was sent so. */
export const isClean = ({ findings, late, deadLetters, crashes, undrained }: ChaosResult): boolean =>
  findings.every((one) => one.isClean) &&
  late === 0 &&
  deadLetters === 0 &&
  crashes.length === 0 &&
  undrained.length === 0

/** The form for machines. */
export function figuresOf(result: ChaosResult): object {
  const { seed, seconds, points, logs, faults, pairs, findings, late, deadLetters, crashes, undrained } =
    result
  return {
    seed,
    seconds,
    published: points + logs,
    lost: total(findings, 'lost'),
    doubled: total(findings, 'doubled'),
    wrong: total(findings, 'wrong'),
    faults,
    pairs,
    points,
    logs,
    places: Object.fromEntries(
      findings.map(({ place, checked, lost, doubled, wrong }) => [place, { checked, lost, doubled, wrong }]),
    ),
    late,
    deadLetters,
    crashes: crashes.length,
    undrained,
  }
}

/** The form for people. */
export function tableOf(result: ChaosResult): string {
  const { findings, faults, crashes, undrained, late, deadLetters } = result
  const number = (value: number) => value.toLocaleString('en')
  const faultCount = Object.values(faults).reduce((sum, count) => sum + count, 0)
  const rows = [
    ['place', 'checked', 'lost', 'doubled', 'wrong'],
    ...findings.map(({ place, checked, lost, doubled, wrong }) => [
      place,
      ...[checked, lost, doubled, wrong].map(number),
    ]),
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const lines = rows.map(
    (row) =>
      `  ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('   ')}`,
  )
  return [
    `${number(result.points)} points and ${number(result.logs)} log events in ${number(result.seconds)} s, ${faultCount} faults (two at once ${result.pairs} times), seed ${result.seed}`,
    `  ${Object.entries(faults)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
    '',
    ...lines,
    '',
    ...(late > 0 ? [`${number(late)} points in the late topic`] : []),
    ...(deadLetters > 0 ? [`${number(deadLetters)} dead letters`] : []),
    ...undrained.map((what) => `not drained: ${what}`),
    ...crashes.map((what) => `crash: ${what}`),
    ...findings.flatMap(({ place, examples }) => examples.map((what) => `${place}: ${what}`)),
    verdictOf(result),
    '',
  ].join('\n')
}

function verdictOf(result: ChaosResult): string {
  if (isClean(result)) return 'Everything is accounted for.'
  return isClean({ ...result, crashes: [] })
    ? 'Everything is accounted for, but workers have crashed.'
    : 'NOT everything is accounted for.'
}
