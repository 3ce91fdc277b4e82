import type { Source, Span } from '../../shared/avro/types.ts'
import type { LogEvent } from '../../shared/logs/placed-log.ts'
import type { StreamRecord } from '../../shared/stream/task.ts'

/** Characters of text in one record of the logs or spans topic. */
export const maxBatchLength = 400_000

/** What an event counts for, beside its texts. */
const eventLength = 100

/** Where the events of these records come from; `partitions` is the number of partitions of their topic. */
export function sourceOf(records: readonly StreamRecord<unknown>[], partitions: number): Source {
  const [first] = records
  const last = records.at(-1)!
  return {
    topic: first!.topic,
    partition: first!.partition,
    firstOffset: first!.offset,
    lastOffset: last.offset,
    lastTimestamp: last.timestamp,
    partitions,
  }
}

/** Characters, roughly. */
export function lengthOfLog({ message, attributes: { names, texts } }: LogEvent): number {
  let length = eventLength + message.length
  for (let i = 0; i < texts.length; i++) length += names[i]!.length + texts[i]!.length
  return length
}

/** Characters, roughly. */
export const lengthOfSpan = ({ name, attributes, resource, events, links }: Span) =>
  name.length +
  lengthOfTexts(attributes) +
  lengthOfTexts(resource) +
  events.reduce((sum, event) => sum + event.name.length + lengthOfTexts(event.attributes), 0) +
  links.reduce((sum, link) => sum + lengthOfTexts(link.attributes), 0)

const lengthOfTexts = (texts: Readonly<Record<string, string>>) => {
  let length = eventLength
  for (const key in texts) length += key.length + texts[key]!.length
  return length
}
