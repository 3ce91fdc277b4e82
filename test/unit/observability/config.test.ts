import { expect, it } from 'vitest'
import { logSection } from '../../../shared/observability/config.ts'
import { createLogger } from '../../../shared/observability/logger.ts'

it.each(logSection.schema.shape.level.unwrap().options)('the logger knows the level %s', (level) => {
  expect(createLogger('any', level).level).toBe(level)
})
