/** Offsets by topic and partition. */
export type Offsets = ReadonlyMap<string, ReadonlyMap<number, number>>

/** Adds up what `value` says of each partition. */
export function sumOver(
  offsets: Offsets,
  value: (offset: number, topic: string, partition: number) => number,
): number {
  let sum = 0
  for (const [topic, partitions] of offsets)
    for (const [partition, offset] of partitions) sum += value(offset, topic, partition)
  return sum
}

/** The same offsets with something else in the place of each. */
export function mapOffsets<From, To>(
  offsets: ReadonlyMap<string, ReadonlyMap<number, From>>,
  change: (value: From, topic: string, partition: number) => To,
): ReadonlyMap<string, ReadonlyMap<number, To>> {
  return new Map(
    [...offsets].map(([topic, partitions]) => [
      topic,
      new Map([...partitions].map(([partition, value]) => [partition, change(value, topic, partition)])),
    ]),
  )
}
