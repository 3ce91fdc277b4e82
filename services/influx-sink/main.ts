import type { Anomaly, WindowBatch } from '../../shared/avro/types.ts'
import { loadConfig } from '../../shared/config/load.ts'
import { connectInflux } from '../../shared/influx/client.ts'
import { influxSection } from '../../shared/influx/config.ts'
import { belongsTo, replaySection, stretchOf } from '../../shared/replay/config.ts'
import { serviceSections } from '../../shared/stream/service-sections.ts'
import { topicsOf } from '../../shared/stream/topic.ts'
import { runWorker } from '../../shared/stream/worker.ts'
import { influxSinkSection } from './config.ts'
import { InfluxSinkTask } from './influx-sink-task.ts'
import { anomalyLine, windowLine } from './lines.ts'

export const sections = {
  ...serviceSections,
  influx: influxSection,
  sink: influxSinkSection,
  replay: replaySection,
}

/** Windows and anomalies to InfluxDB. */
export async function main(): Promise<void> {
  const config = loadConfig(sections)
  const topics = topicsOf(config.kafka.topicPrefix)
  const client = connectInflux(config.influx)
  // At the ends of a replay's stretch are windows of which it has read a part only.
  const stretch = stretchOf(config.replay)
  const isWanted = (metric: string, start: number, sizeMs: number) =>
    !stretch || belongsTo(stretch, metric, start, sizeMs)
  await runWorker({
    name: 'influx-sink',
    inputs: [topics.windows, topics.anomalies],
    outputs: [],
    config,
    prepare: () => client.ping(),
    createTask: (context) =>
      context.topic === topics.windows.name
        ? new InfluxSinkTask(
            config.sink,
            client,
            ({ windows }: WindowBatch) =>
              windows
                .filter(({ series, start, sizeMs }) => isWanted(series.metric, start, sizeMs))
                .map((window) => ({ line: windowLine(window), corrects: window.revision > 0 })),
            context,
          )
        : new InfluxSinkTask(
            config.sink,
            client,
            (anomaly: Anomaly) =>
              isWanted(anomaly.series.metric, anomaly.start, anomaly.windowSizeMs)
                ? [{ line: anomalyLine(anomaly), corrects: anomaly.revision > 0 }]
                : [],
            context,
          ),
  })
}
