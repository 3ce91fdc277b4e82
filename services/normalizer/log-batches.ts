import type { PackedLogs } from '../../shared/avro/types.ts'
import { LogPacker } from '../../shared/logs/log-packer.ts'
import type { PlacedLog } from '../../shared/logs/placed-log.ts'
import { hashText } from '../../shared/series/series.ts'
import { lengthOfLog, maxBatchLength } from './event-batches.ts'

/** Events for one partition of the logs topic. */
interface Batch {
  readonly packer: LogPacker
  length: number
}

/** Packs log events, those of a service for the same partition, so that who reads them has what belongs together. */
export function sendLogs(
  logs: readonly PlacedLog[],
  partitions: number,
  send: (partition: number, packed: PackedLogs) => void,
): void {
  const batches = new Array<Batch | undefined>(partitions)
  for (const log of logs) {
    const partition = hashText(log.service) % partitions
    const length = lengthOfLog(log)
    let batch = batches[partition]
    if (batch && batch.length + length > maxBatchLength) {
      send(partition, batch.packer.finish())
      batch = undefined
    }
    batch ??= { packer: new LogPacker(), length: 0 }
    batch.packer.add(log)
    batch.length += length
    batches[partition] = batch
  }
  for (const [partition, batch] of batches.entries()) if (batch) send(partition, batch.packer.finish())
}
