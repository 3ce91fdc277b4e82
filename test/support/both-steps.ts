import { AggregatorTask } from '../../services/aggregator/aggregator-task.ts'
import type { AggregatorConfig } from '../../services/aggregator/config.ts'
import { RollUpTask } from '../../services/aggregator/roll-up-task.ts'
import type { PartialBatch } from '../../shared/avro/types.ts'
import type { StreamRecord } from '../../shared/stream/task.ts'
import { feed, type Quiet, restart, withCrashes } from './aggregator.ts'
import { logOf, type TelemetryEvent } from './any-telemetry.ts'
import { RecordingOutput } from './recording-output.ts'
import { record, taskContext, topics } from './task-context.ts'

export interface Disturbances {
  /** Places in the log of each task at which it crashes. */
  readonly crashes?: readonly number[]
  /** Which partition's parts come next, again and again, where several wait. */
  readonly turns?: readonly number[]
}

/** What the tasks of the first step have emitted, and then those of the second, by partition. */
export interface BothSteps {
  readonly first: readonly RecordingOutput[]
  readonly second: readonly RecordingOutput[]
}

/** Points through all tasks of both steps, up to a long quiet time in the end, after which nothing is open. */
export function runBothSteps(
  events: readonly TelemetryEvent[],
  config: AggregatorConfig,
  partitions: number,
  { crashes = [], turns = [] }: Disturbances = {},
): BothSteps {
  const all = Array.from({ length: partitions }, (_, partition) => partition)
  const contextOf = (topic: string, partition: number) => taskContext({ topic, partition, partitions })
  const first = all.map((partition) => {
    const context = contextOf(topics.points.name, partition)
    const log = [...logOf(events, { partition, partitions }), 'long quiet' as const]
    return runWithCrashes(log, crashes, (memo) => new AggregatorTask(config, topics, context, memo))
  })
  const patient = { ...config, sourceIdleMs: 3_600_000, maxHoldBackMs: 24 * 3_600_000 }
  const second = all.map((partition) => {
    const context = contextOf(topics.partials.name, partition)
    const parts = inTurns(
      first.map((out) => out.sentTo(topics.partials, partition)),
      turns,
    )
    const log = [...asLog(parts), 'long quiet' as const]
    return runWithCrashes(log, crashes, (memo) => new RollUpTask(patient, topics, context, memo))
  })
  return { first, second }
}

/** What a task emits of a log when it crashes at these places; crashes at all others, and rebalances, are in `owners.ts`. */
function runWithCrashes<In>(
  log: readonly (StreamRecord<In> | Quiet)[],
  crashes: readonly number[],
  create: (memo?: string) => Parameters<typeof restart<In>>[0],
): RecordingOutput {
  const out = new RecordingOutput()
  let running = create()
  withCrashes(
    log,
    crashes,
    (from, to) => feed(running, log.slice(from, to), out),
    (at) => {
      running = restart(running, log.slice(0, at), out, create) ?? running
    },
  )
  return out
}

/** One list of several, each of which stays in its order. */
function inTurns<T>(lists: readonly (readonly T[])[], turns: readonly number[]): readonly T[] {
  const waiting = lists.map((list) => [...list])
  const all: T[] = []
  for (let turn = 0; ; turn++) {
    const next = waiting.filter((list) => list.length > 0)
    if (next.length === 0) return all
    all.push(next[(turns[turn % turns.length] ?? 0) % next.length]!.shift()!)
  }
}

/** As the broker appends them, one after the other. */
function asLog(batches: readonly PartialBatch[]): readonly StreamRecord<PartialBatch>[] {
  let timestamp = 0
  return batches.map((value, offset) => {
    timestamp = Math.max(timestamp, value.timestamp)
    return record(offset, value, { timestamp })
  })
}
