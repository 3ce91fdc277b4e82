import type { ModelKind } from './series-model.ts'

/** How far a value is from what was expected, in spreads of the series: one that is far off is a spike or a drop. */
export const deviation: ModelKind = {
  name: 'deviation',
  prior: { usual: 2.33, excess: 0.37 },
  warmUp: 32,
  create: () => ({
    judge: (_, { residual }) => Math.abs(residual),
    learn: () => {},
    kindOf: (_, { residual }) => (residual < 0 ? 'drop' : 'spike'),
  }),
}
