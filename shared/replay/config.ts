import { z } from 'zod'
import { type SectionConfig, section } from '../config/section.ts'
import type { EventTime } from '../stream/task.ts'
import { markMetric } from './marks.ts'

const time = (description: string) =>
  z.iso.datetime().optional().meta({ description, example: '2026-01-01T00:00:00.000Z' })

/**
 * What `tidemark replay` tells the workers that it starts. It is no part of the configuration file: a pipeline that
 * follows live telemetry has none of it.
 */
export const replaySection = section('replay', 'The stretch of history that a replay recomputes.', {
  from: time('Windows from here on are recomputed.'),
  to: time('Windows that end after this are left alone.'),
  readFrom: time('Since when raw records are read.'),
  until: z
    .record(z.string(), z.coerce.number().int().min(0))
    .default({})
    .meta({
      description: 'By raw topic and partition, the offset before which reading ends.',
      example: { 'telemetry.raw.metrics/0': 12_000 },
    }),
  maxRecordsPerSecond: z.number().positive().optional().meta({
    description: 'Raw records read in a second, over all partitions.',
    example: 5_000,
  }),
})

export type ReplayConfig = SectionConfig<typeof replaySection>

/** The event times that are recomputed, `to` exclusive, and the time from which raw records are read for it. */
export interface Stretch {
  readonly from: EventTime
  readonly to: EventTime
  readonly readFrom: EventTime
}

/** Undefined in a worker that belongs to no replay. */
export function stretchOf({ from, to, readFrom }: ReplayConfig): Stretch | undefined {
  if (!from || !to || !readFrom) return undefined
  return { from: Date.parse(from), to: Date.parse(to), readFrom: Date.parse(readFrom) }
}

/** Whether a window of this metric lies wholly in the stretch: of others the replay has not seen everything. */
export const belongsTo = (
  { from, to }: Pick<Stretch, 'from' | 'to'>,
  metric: string,
  start: EventTime,
  sizeMs: number,
) => start >= from && start + sizeMs <= to && metric !== markMetric

/** A partition's name in `until`. */
export const placeName = (topic: string, partition: number) => `${topic}/${partition}`
