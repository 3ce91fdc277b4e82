import type { Anomaly, ExpectationBatch, WindowBatch } from '../../shared/avro/types.ts'
import { loadConfig } from '../../shared/config/load.ts'
import { connectInflux } from '../../shared/influx/client.ts'
import { influxSection } from '../../shared/influx/config.ts'
import { belongsTo, replaySection, stretchOf } from '../../shared/replay/config.ts'
import { serviceSections } from '../../shared/stream/service-sections.ts'
import type { TaskContext } from '../../shared/stream/task.ts'
import { topicsOf } from '../../shared/stream/topic.ts'
import { runWorker } from '../../shared/stream/worker.ts'
import { influxSinkSection } from './config.ts'
import { InfluxSinkTask, type Input, type SinkLine } from './influx-sink-task.ts'
import { anomalyLine, expectationLine, windowLine } from './lines.ts'

export const sections = {
  ...serviceSections,
  influx: influxSection,
  sink: influxSinkSection,
  replay: replaySection,
}

/** Windows, anomalies and expectations to InfluxDB. */
export async function main(): Promise<void> {
  const config = loadConfig(sections)
  const topics = topicsOf(config.kafka.topicPrefix)
  const client = connectInflux(config.influx)
  // At the ends of a replay's stretch are windows of which it has read a part only.
  const stretch = stretchOf(config.replay)
  // A replay writes over what the live sink has written, whatever the revision.
  const isCorrection = (revision: number) => stretch !== undefined || revision > 0
  const isWanted = (metric: string, start: number, sizeMs: number) =>
    !stretch || belongsTo(stretch, metric, start, sizeMs)
  const sink = <T extends Input>(context: TaskContext, linesOf: (value: T) => readonly SinkLine[]) =>
    new InfluxSinkTask(config.sink, client, linesOf, context)
  await runWorker({
    name: 'influx-sink',
    inputs: [topics.windows, topics.anomalies, topics.expectations],
    outputs: [],
    config,
    prepare: () => client.ping(),
    createTask(context) {
      if (context.topic === topics.windows.name)
        return sink(context, ({ windows }: WindowBatch) =>
          windows
            .filter(({ series, start, sizeMs }) => isWanted(series.metric, start, sizeMs))
            .map((window) => ({ line: windowLine(window), corrects: isCorrection(window.revision) })),
        )
      if (context.topic === topics.anomalies.name)
        return sink(context, (anomaly: Anomaly) =>
          isWanted(anomaly.series.metric, anomaly.start, anomaly.windowSizeMs)
            ? [{ line: anomalyLine(anomaly), corrects: isCorrection(anomaly.revision) }]
            : [],
        )
      return sink(context, ({ expectations }: ExpectationBatch) =>
        expectations
          .filter(({ series, windowStart, windowSizeMs }) =>
            isWanted(series.metric, windowStart, windowSizeMs),
          )
          .map((one) => ({ line: expectationLine(one), corrects: one.isCorrection })),
      )
    },
  })
}
