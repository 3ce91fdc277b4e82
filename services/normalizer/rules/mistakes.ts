import type { Mistake } from '../../../shared/config/section.ts'
import type { PointRule } from './point-rule-settings.ts'

/** What no rule can know by itself. */
export function* mistakesInRules({
  pointRules,
  hashKey,
}: {
  readonly pointRules: readonly PointRule[]
  readonly hashKey?: string | undefined
}): Iterable<Mistake> {
  const hashing = pointRules.findIndex(({ hashTags }) => hashTags)
  if (hashing >= 0 && hashKey === undefined)
    yield {
      path: ['pointRules', hashing, 'hashTags'],
      message: 'normalizer.hashKey must be given, or the hashes could be guessed',
    }
}
