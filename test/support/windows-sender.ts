import { Codec } from '../../shared/avro/codec.ts'
import { connectRegistry } from '../../shared/avro/registry.ts'
import type { WindowBatch } from '../../shared/avro/types.ts'
import { type Installation, producerFor } from './pipeline.ts'

/** Writes windows as aggregators do: of the log of each partition, those of rounds from `from` on, up to `to`, a round at a time. */
export async function windowsSender(
  installation: Installation,
  logs: readonly (readonly WindowBatch[])[],
): Promise<{ send(from: number, to: number): Promise<void>; close(): Promise<void> }> {
  const { windows } = installation.topics
  const producer = await producerFor(installation)
  const codec = new Codec(connectRegistry(installation.config.registry))
  await codec.prepareWriter(windows.name, 'WindowBatch')
  return {
    async send(from, to) {
      for (let round = from; round < to; round++)
        await producer.send(
          windows.name,
          logs.map((log, partition) => ({
            partition,
            value: codec.encode(windows.name, windows.schema, log[round]),
          })),
        )
    },
    close: () => producer.close(),
  }
}
