import type { Series, Tag } from '../../../shared/avro/types.ts'
import { hashText } from '../../../shared/series/series.ts'

/** The tags of a series that keep incidents apart; a tag that it has not is left out. */
export const scopeOf = ({ tags }: Series, keys: readonly string[]): readonly Tag[] =>
  tags.filter(({ key }) => keys.includes(key))

/** The same text for the same scope only. */
export const scopeKey = (scope: readonly Tag[]) => JSON.stringify(scope.map(({ key, value }) => [key, value]))

/** Where findings and incidents of a scope go. */
export const scopePartition = (scope: readonly Tag[], partitions: number) =>
  hashText(scopeKey(scope)) % partitions
