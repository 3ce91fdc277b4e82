import type { Aggregate, Series } from '../../../shared/avro/types.ts'
import { exemplarBytes } from '../../../shared/points/exemplars.ts'

/** Of one record, before it is packed: brokers refuse more than a megabyte by default. */
export const maxRecordBytes = 600_000

/** What a window takes beside its series and what was gathered, at most. */
export const figureBytes = 160

/** Room that a series takes in a record, at most: a UTF-16 code unit is up to three bytes of UTF-8. */
export const seriesBytes = ({ metric, tags, unit }: Series) =>
  tags.reduce(
    (sum, { key, value }) => sum + 3 * (key.length + value.length) + 8,
    3 * (metric.length + unit.length),
  )

/** Room that takes what was gathered, at most. */
export const aggregateBytes = ({
  sketch,
  members,
  exemplar,
}: Pick<Aggregate, 'sketch' | 'members' | 'exemplar'>) =>
  sketch.length + (members?.length ?? 0) + (exemplar ? exemplarBytes : 0)
