import type { Anomaly, WindowBatch } from '../../shared/avro/types.ts'
import type { InfluxClient } from '../../shared/influx/client.ts'
import type { Output, Refusal, StreamRecord, Task, TaskContext } from '../../shared/stream/task.ts'
import type { InfluxSinkConfig } from './config.ts'
import { type InfluxSinkMetrics, influxSinkMetrics } from './metrics.ts'

type Input = WindowBatch | Anomaly

/** A line, and where it came from. */
interface Row {
  readonly record: StreamRecord<Input>
  readonly position: number
  readonly line: string
}

/**
 * Writes records to InfluxDB. A call ends when the server has acknowledged each line of it, so that the offsets may be
 * committed; lines that the server refuses for good go to the dead-letter topic, and the rest of their batch is written.
 */
export class InfluxSinkTask<In extends Input> implements Task<In> {
  readonly writesOutside = true
  readonly #config: InfluxSinkConfig
  readonly #client: InfluxClient
  readonly #linesOf: (value: In) => readonly string[]
  readonly #metrics: InfluxSinkMetrics

  constructor(
    config: InfluxSinkConfig,
    client: InfluxClient,
    linesOf: (value: In) => readonly string[],
    context: TaskContext,
  ) {
    this.#config = config
    this.#client = client
    this.#linesOf = linesOf
    this.#metrics = influxSinkMetrics(context.metrics)
  }

  async process(batch: readonly StreamRecord<In>[], out: Output, signal: AbortSignal): Promise<void> {
    const rows = batch.flatMap((record) =>
      this.#linesOf(record.value).map((line, position): Row => ({ record, position, line })),
    )
    const refused: (Row & { readonly reason: string })[] = []
    for (let from = 0; from < rows.length; from += this.#config.maxLines) {
      await this.#write(rows.slice(from, from + this.#config.maxLines), refused, signal)
    }
    for (const [record, parts] of Map.groupBy(refused, (row) => row.record)) {
      const refusals: Refusal[] = parts.map(({ position, reason }) => ({
        position,
        reason: 'refused_by_influxdb',
        detail: reason,
      }))
      out.reject(record, 'refused_by_influxdb', parts[0]!.reason, refusals)
    }
    this.#metrics.lines.inc(rows.length - refused.length)
    this.#metrics.refused.inc(refused.length)
  }

  /** A refused batch is halved until the lines at fault are alone: some twenty requests for one among five thousand. */
  async #write(
    rows: readonly Row[],
    refused: (Row & { readonly reason: string })[],
    signal: AbortSignal,
  ): Promise<void> {
    const started = performance.now()
    const outcome = await this.#client.write(
      rows.map(({ line }) => line),
      signal,
    )
    this.#metrics.seconds.observe((performance.now() - started) / 1000)
    if (outcome.written) return
    if (rows.length === 1) {
      refused.push({ ...rows[0]!, reason: outcome.reason })
      return
    }
    const half = Math.ceil(rows.length / 2)
    await this.#write(rows.slice(0, half), refused, signal)
    await this.#write(rows.slice(half), refused, signal)
  }
}
