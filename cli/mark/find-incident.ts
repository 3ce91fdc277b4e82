import type { Anomaly, Incident } from '../../shared/avro/types.ts'
import { ConfigurationError } from '../../shared/errors.ts'

/** The last word of an incident of several series, and of the anomalies that it names, from records in any order. */
export class IncidentFinder {
  readonly #id: string
  #incident: Incident | undefined
  readonly #anomalies = new Map<string, Anomaly>()

  constructor(id: string) {
    this.#id = id
  }

  addIncident(incident: Incident): void {
    if (incident.id === this.#id && incident.revision >= (this.#incident?.revision ?? -1))
      this.#incident = incident
  }

  /** Throws ConfigurationError when there is no such incident. */
  incident(topic: string): Incident {
    if (this.#incident) return this.#incident
    throw new ConfigurationError(
      `${topic} has no incident with the id “${this.#id}”: old ones are deleted after topics.retentionMs.`,
    )
  }

  /** Once the incident is known. */
  addAnomaly(anomaly: Anomaly): void {
    const { id, revision } = anomaly
    const isMember = this.#incident?.members.some(({ anomalyId }) => anomalyId === id)
    if (isMember && revision >= (this.#anomalies.get(id)?.revision ?? -1)) this.#anomalies.set(id, anomaly)
  }

  /** Those of which something may be said; others were found by comparing siblings. */
  get judgeable(): readonly Anomaly[] {
    return [...this.#anomalies.values()].filter(({ kind }) => kind !== 'peer')
  }
}
