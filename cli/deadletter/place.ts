import { ConfigurationError } from '../../shared/errors.ts'

/** Of a record in Kafka. */
export interface Place {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** `telemetry.deadletter-2-107`, or with slashes as in the headers of re-driven records. Throws ConfigurationError. */
export function parsePlace(text: string): Place {
  const [, topic, partition, offset] = /^([\w.-]+)([-/]\d{1,9})([-/]\d{1,15})$/.exec(text) ?? []
  if (topic === undefined)
    throw new ConfigurationError(
      `“${text}” is no position: one looks like telemetry.deadletter-2-107, topic, partition and offset.`,
    )
  return { topic, partition: Number(partition!.slice(1)), offset: Number(offset!.slice(1)) }
}

export const placeText = ({ topic, partition, offset }: Place) => `${topic}-${partition}-${offset}`

export const isAt = (one: Place, other: Place) =>
  one.topic === other.topic && one.partition === other.partition && one.offset === other.offset
