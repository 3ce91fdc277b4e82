import type { Marker } from '../../shared/avro/types.ts'
import type { Logger } from '../../shared/observability/logger.ts'
import { topicsOf } from '../../shared/stream/topic.ts'
import { printable, printableJson } from '../deadletter/printable.ts'
import type { Config } from '../sections.ts'
import { markerText } from './marker-text.ts'
import { readValues } from './read-values.ts'

interface ListOptions {
  /** Also those that are over. */
  readonly all?: boolean
  readonly json?: boolean
}

/** What was over longer ago than this is not listed. */
const lately = 7 * 86_400_000

/** Prints the markers that were not removed, the earliest first. Throws ConfigurationError, RetryableError. */
export async function listMarkers(
  config: Pick<Config, 'kafka' | 'registry'>,
  { all = false, json = false }: ListOptions,
  log: Logger,
): Promise<void> {
  const { markers: topic } = topicsOf(config.kafka.topicPrefix)
  const known = new Map<string, Marker>()
  await readValues(config, topic, log, (marker) => known.set(marker.id, marker))
  const markers = standing([...known.values()], all ? -Infinity : Date.now() - lately)
  process.stdout.write(json ? `${printableJson(markers)}\n` : textOf(markers, known.size, topic.name))
}

/** Those that hold and are not over before a time, in order. */
export const standing = (markers: readonly Marker[], since: number): readonly Marker[] =>
  markers
    .filter(({ isRemoved, from, to }) => !isRemoved && (to ?? from) >= since)
    .sort((a, b) => a.from - b.from || (a.id < b.id ? -1 : 1))

function textOf(markers: readonly Marker[], known: number, topic: string): string {
  if (markers.length === 0)
    return known === 0
      ? `${topic} has no markers.\n`
      : 'No marker of the last seven days: --all shows older ones.\n'
  return markers.map((marker) => `${printable(marker.id)}  ${markerText(marker)}\n`).join('')
}
