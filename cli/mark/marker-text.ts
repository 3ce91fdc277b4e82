import type { Marker } from '../../shared/avro/types.ts'
import { printable } from '../deadletter/printable.ts'

/** `deploy at 2026-03-01T03:12:00Z of service=checkout: checkout 2.14 (jane)`. */
export function markerText({ kind, from, to, text, who, anomaly, ...selector }: Marker): string {
  const when = to === null ? `at ${timeOf(from)}` : `from ${timeOf(from)} to ${timeOf(to)}`
  const what = anomaly
    ? `${kind}, anomaly of ${nameOf(anomaly.series.metric, anomaly.series.tags)} since ${timeOf(anomaly.start)}`
    : `${kind} ${when} of ${selectorText(selector)}`
  return printable(`${what}${text === '' ? '' : `: ${text}`}${who === '' ? '' : ` (${who})`}`)
}

function selectorText({ metric, where }: Pick<Marker, 'metric' | 'where'>): string {
  const tags = Object.entries(where).map(([key, value]) => ({ key, value }))
  if (metric !== '*') return nameOf(metric, tags)
  return tags.length === 0 ? 'all series' : tagsText(tags)
}

type Tags = readonly { readonly key: string; readonly value: string }[]

const nameOf = (metric: string, tags: Tags) => (tags.length === 0 ? metric : `${metric}{${tagsText(tags)}}`)

const tagsText = (tags: Tags) => tags.map(({ key, value }) => `${key}=${value}`).join(', ')

const timeOf = (time: number) => new Date(time).toISOString().replace('.000Z', 'Z')
