import type { PeerBatch } from '../../../shared/avro/types.ts'

/** The last moment that a date can name, milliseconds. */
const maxTime = 8.64e15
/** Kafka has no topics with more. */
const maxPartitions = 100_000

/** What is wrong with a batch that no detector writes. */
export function flawOf({ partition, partitions, watermark, groups }: PeerBatch): string | undefined {
  if (partition < 0 || partition >= partitions || partitions > maxPartitions)
    return `partition ${partition} of ${partitions} is none of the windows topic`
  if (watermark !== null && Math.abs(watermark) > maxTime)
    return `the watermark ${watermark} is at no time that there is`
  for (const { sizeMs, samples } of groups)
    for (const { start, value } of samples) {
      if (Math.abs(start) + sizeMs > maxTime || sizeMs < 1)
        return `a window of ${sizeMs} ms that starts at ${start} is at no time that there is`
      if (Math.abs(value) === Number.POSITIVE_INFINITY) return `a window that starts at ${start} is infinite`
    }
  return undefined
}
