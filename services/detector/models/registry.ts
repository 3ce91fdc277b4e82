import type { ModelKind } from './model.ts'
import { robustZScore } from './robust-z-score.ts'

/** All kinds of models. */
export const models: readonly ModelKind[] = [robustZScore]
