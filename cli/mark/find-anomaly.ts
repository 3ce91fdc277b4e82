import type { Anomaly } from '../../shared/avro/types.ts'
import { ConfigurationError } from '../../shared/errors.ts'
import { parseTime } from '../replay/request.ts'

/** Which anomaly is meant: by its id, or by its series and a time in it. */
export interface AnomalyChoice {
  readonly id: string | undefined
  readonly series: string | undefined
  /** Milliseconds. */
  readonly at: number | undefined
}

/** Throws ConfigurationError unless it is one or the other. */
export function choiceOf(
  id: string | undefined,
  { series, at }: { readonly series?: string; readonly at?: string },
): AnomalyChoice {
  if (id !== undefined && (series !== undefined || at !== undefined))
    throw new ConfigurationError('Name the anomaly by its id, or by --series and --at: not by both.')
  if (id === undefined && (series === undefined || at === undefined))
    throw new ConfigurationError(
      'Name the anomaly: by its id, as anomalies have it in Elasticsearch and InfluxDB, or by --series and --at.',
    )
  return { id, series: series && plain(series), at: at === undefined ? undefined : parseTime('--at', at) }
}

/** The incident that is meant. Throws ConfigurationError when an anomaly is named as well. */
export function incidentOf(
  id: string | undefined,
  { series, at, incident }: { readonly series?: string; readonly at?: string; readonly incident?: string },
): string {
  if (id === undefined && series === undefined && at === undefined) return incident!
  throw new ConfigurationError('--incident is of all its anomalies: name no other.')
}

/** The last word of the anomalies that are meant, from records in any order. */
export class AnomalyFinder {
  readonly #choice: AnomalyChoice
  readonly #found = new Map<string, Anomaly>()

  constructor(choice: AnomalyChoice) {
    this.#choice = choice
  }

  add(anomaly: Anomaly): void {
    const { id, revision, series } = anomaly
    const isNamed =
      this.#choice.id === undefined ? nameOf(series) === this.#choice.series : id === this.#choice.id
    if (isNamed && revision >= (this.#found.get(id)?.revision ?? -1)) this.#found.set(id, anomaly)
  }

  /** Throws ConfigurationError when there is none, or more than one. */
  result(topic: string): Anomaly {
    const { id, at } = this.#choice
    const meant = [...this.#found.values()].filter((one) => at === undefined || isDuring(one, at))
    const [anomaly, ...more] = meant
    if (!anomaly)
      throw new ConfigurationError(
        `${topic} has no anomaly ${id === undefined ? 'of this series at this time' : `with the id “${id}”`}: old ones are deleted after topics.retentionMs.`,
      )
    if (more.length > 0)
      throw new ConfigurationError(
        `There are ${meant.length} such anomalies: name one by its id.${meant.map((one) => `\n${one.id}  ${one.message}`).join('')}`,
      )
    return anomaly
  }
}

const isDuring = ({ state, start, end }: Anomaly, at: number) =>
  state !== 'withdrawn' && at >= start && (end === null || at < end)

/** As messages of anomalies name it: `cpu.usage_user{host=a, region=eu}`. */
const nameOf = ({ metric, tags }: Anomaly['series']) =>
  plain(
    tags.length === 0 ? metric : `${metric}{${tags.map(({ key, value }) => `${key}=${value}`).join(',')}}`,
  )

const plain = (text: string) => text.replaceAll(/,\s+/g, ',').trim()
