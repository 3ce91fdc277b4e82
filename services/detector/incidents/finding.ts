import type { Anomaly, Finding } from '../../../shared/avro/types.ts'

/** What is told of an anomaly to whoever looks at those of all series together. Of some nobody knows the shares. */
export function findingOf(
  { id, series, ...anomaly }: Anomaly,
  { metricShare, tagShares }: Pick<Finding, 'metricShare' | 'tagShares'> = { metricShare: 1, tagShares: [] },
): Finding {
  const { revision, state, statistic, kind, severity, likelihood, score, start, end, deploy } = anomaly
  return {
    ...{ anomalyId: id, revision, state, series, statistic, kind, severity, likelihood, score, start, end },
    metricShare,
    tagShares,
    deploy,
  }
}
