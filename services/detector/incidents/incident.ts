import type {
  AnomalyState,
  Finding,
  Incident,
  IncidentCause,
  IncidentMember,
} from '../../../shared/avro/types.ts'
import { cut, lengthOf, maxDeployLength, nameOf, timeOf } from '../episodes/sentence.ts'
import { causesOf, deployKey } from './causes.ts'
import { type Group, rankOf } from './group.ts'

const maxTold = 20

/** The record that tells of a group. */
export function incidentOf(group: Group, state: AnomalyState): Incident {
  const findings = [...group.members.values()].sort(byWeight)
  const end = state === 'closed' ? Math.max(...findings.map((one) => one.end ?? one.start)) : null
  const told = {
    id: group.id,
    revision: group.revision,
    state,
    scope: group.scope,
    start: group.start,
    end,
    severity: group.severity,
    series: group.series,
    metrics: new Set(findings.map(({ series }) => series.metric)).size,
    openSeries: group.openSeries,
    causes: causesOf(findings, group.scope),
    members: findings.slice(0, maxTold).map(memberOf),
  }
  return { ...told, message: messageOf(told, findings) }
}

/** The most severe first, the earliest of these before: it may have led to the others. */
const byWeight = (a: Finding, b: Finding) =>
  rankOf(b.severity) - rankOf(a.severity) ||
  a.start - b.start ||
  b.likelihood - a.likelihood ||
  b.score - a.score ||
  (a.anomalyId < b.anomalyId ? -1 : 1)

const memberOf = (finding: Finding): IncidentMember => {
  const { anomalyId, series, statistic, kind, severity, start, likelihood, score, end } = finding
  return { anomalyId, series, statistic, kind, severity, start, likelihood, score, isOver: end !== null }
}

function messageOf(incident: Omit<Incident, 'message'>, findings: readonly Finding[]): string {
  const { state, scope, start, end, severity, series, metrics, causes } = incident
  if (state === 'withdrawn') return 'Withdrawn, late data have shown that too few series were affected.'
  const what = `${counted(series, 'series', 'series')} of ${counted(metrics, 'metric', 'metrics')}`
  const where = scope.length === 0 ? '' : ` in ${scope.map(nameOfTag).join(', ')}`
  const when =
    end === null
      ? `since ${timeOf(start)}`
      : `from ${timeOf(start)} to ${timeOf(end)}, ${lengthOf(end - start)}`
  const [cause] = causes
  const why = cause ? `; ${explained(cause, series)}` : ''
  const first = findings.reduce((one, other) => (other.start < one.start ? other : one))
  return `${what}${where} ${end === null ? 'are' : 'were'} not as expected (${severity}, ${when})${why}; first ${nameOf(first.series)}, ${first.kind}`
}

function explained({ key, value, series, share }: IncidentCause, all: number): string {
  const count = series === all ? 'all' : `${series}`
  if (key === deployKey) return `${count} of them began shortly after deploy ${cut(value, maxDeployLength)}`
  return `${key}=${value} has ${count} of them, and ${percent(share)} of all series`
}

const nameOfTag = ({ key, value }: { readonly key: string; readonly value: string }) => `${key}=${value}`

const counted = (count: number, one: string, more: string) => `${count} ${count === 1 ? one : more}`

const percent = (share: number) => `${Number((share * 100).toPrecision(2))} %`
