import { setTimeout as delay } from 'node:timers/promises'
import type { Anomaly, ExpectationBatch, WindowBatch } from '../../shared/avro/types.ts'
import type { InfluxClient, WriteOutcome } from '../../shared/influx/client.ts'
import type { Output, Refusal, StreamRecord, Task, TaskContext, Unsettled } from '../../shared/stream/task.ts'
import type { InfluxSinkConfig } from './config.ts'
import { Corrections } from './corrections.ts'
import { type InfluxSinkMetrics, influxSinkMetrics } from './metrics.ts'

/** The records that go to InfluxDB. */
export type Input = WindowBatch | Anomaly | ExpectationBatch

/** What is written of a record. */
export interface SinkLine {
  readonly line: string
  /** Whether it may overwrite another line. */
  readonly corrects: boolean
}

/** A line, and where it came from. */
interface Row extends SinkLine {
  readonly record: StreamRecord<Input>
  readonly position: number
}

interface Refused<R> {
  readonly row: R
  readonly reason: string
}

/** More corrections than these are not kept for a second time: the task waits until it has come. */
const maxHeld = 100_000

/**
 * Writes records to InfluxDB. A call ends when the server has acknowledged each line of it, so that the offsets may be
 * committed; lines that the server refuses for good go to the dead-letter topic, and the rest of their batch is written.
 */
export class InfluxSinkTask<In extends Input> implements Task<In> {
  readonly writesOutside = true
  readonly #config: InfluxSinkConfig
  readonly #client: Pick<InfluxClient, 'write'>
  readonly #linesOf: (value: In) => readonly SinkLine[]
  readonly #context: TaskContext
  readonly #metrics: InfluxSinkMetrics
  readonly #corrections: Corrections

  constructor(
    config: InfluxSinkConfig,
    client: Pick<InfluxClient, 'write'>,
    linesOf: (value: In) => readonly SinkLine[],
    context: TaskContext,
  ) {
    this.#config = config
    this.#client = client
    this.#linesOf = linesOf
    this.#context = context
    this.#metrics = influxSinkMetrics(context.metrics)
    this.#corrections = new Corrections(config.settleMs)
    // Whoever had the partition before may have left a request behind.
    this.#corrections.doubt(context.now())
  }

  get unsettled(): Unsettled | undefined {
    return this.#corrections.unsettled
  }

  /** Does nothing when a request has failed meanwhile: all of it waits anew then, lest that request bring back a part. */
  async settle(signal: AbortSignal): Promise<void> {
    const { held, unsettled } = this.#corrections
    if (!unsettled || this.#context.now() < unsettled.dueAt) return
    // Each was taken once: what the server refuses now, such as a point that its retention has reached, is gone for good.
    for (const chunk of this.#chunks(held)) await this.#write(chunk, [], signal)
    this.#corrections.settled()
  }

  async process(batch: readonly StreamRecord<In>[], out: Output, signal: AbortSignal): Promise<void> {
    while (this.#corrections.size > maxHeld) await this.#settleFirst(signal)
    const rows = batch.flatMap((record) =>
      this.#linesOf(record.value).map((line, position): Row => ({ ...line, record, position })),
    )
    const refused: Refused<Row>[] = []
    const began = this.#context.now()
    for (const chunk of this.#chunks(rows)) await this.#write(chunk, refused, signal)
    const isRefused = new Set(refused.map(({ row }) => row))
    const taken = rows.filter((row) => !isRefused.has(row))
    this.#corrections.note(
      taken.map(({ line, corrects, record: { offset } }) => ({ line, corrects, offset })),
      began,
    )
    for (const [record, parts] of Map.groupBy(refused, ({ row }) => row.record)) {
      const refusals: Refusal[] = parts.map(({ row, reason }) => ({
        position: row.position,
        reason: 'refused_by_influxdb',
        detail: reason,
      }))
      out.reject(record, 'refused_by_influxdb', parts[0]!.reason, refusals)
    }
    this.#metrics.lines.inc(rows.length - refused.length)
    this.#metrics.refused.inc(refused.length)
  }

  *#chunks<R>(rows: readonly R[]): Generator<readonly R[]> {
    const { maxLines } = this.#config
    for (let from = 0; from < rows.length; from += maxLines) yield rows.slice(from, from + maxLines)
  }

  /** A refused batch is halved until the lines at fault are alone: some twenty requests for one among five thousand. */
  async #write<R extends { readonly line: string }>(
    rows: readonly R[],
    refused: Refused<R>[],
    signal: AbortSignal,
  ): Promise<void> {
    const outcome = await this.#send(rows, signal)
    if (outcome.written) return
    if (rows.length === 1) {
      refused.push({ row: rows[0]!, reason: outcome.reason })
      return
    }
    const half = Math.ceil(rows.length / 2)
    await this.#write(rows.slice(0, half), refused, signal)
    await this.#write(rows.slice(half), refused, signal)
  }

  async #send(lines: readonly { readonly line: string }[], signal: AbortSignal): Promise<WriteOutcome> {
    const started = performance.now()
    try {
      const text = lines.map(({ line }) => line)
      const outcome = await this.#client.write(text, { signal, mayEnd: () => this.#context.isOwner() })
      this.#metrics.seconds.observe((performance.now() - started) / 1000)
      return outcome
    } catch (error) {
      this.#corrections.doubt(this.#context.now())
      throw error
    }
  }

  async #settleFirst(signal: AbortSignal): Promise<void> {
    const { unsettled } = this.#corrections
    await delay(Math.max(0, unsettled!.dueAt - this.#context.now()), undefined, { signal })
    await this.settle(signal)
  }
}
