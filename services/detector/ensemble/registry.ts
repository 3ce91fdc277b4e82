import { deviation } from '../models/deviation.ts'
import { flatLine } from '../models/flat-line.ts'
import { levelShift } from '../models/level-shift.ts'
import { novelty } from '../models/novelty.ts'
import type { ModelKind } from '../models/series-model.ts'
import { shape } from '../models/shape.ts'
import { trend } from '../models/trend.ts'
import { variance } from '../models/variance.ts'

/** The models of the ensemble, in the order of `contributions`. */
export const ensembleModels: readonly ModelKind[] = [
  deviation,
  levelShift,
  trend,
  variance,
  flatLine,
  shape,
  novelty,
]
