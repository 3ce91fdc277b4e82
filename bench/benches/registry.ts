import type { Bench } from '../harness/bench.ts'
import { aggregator } from './aggregator.ts'
import { detector } from './detector.ts'
import { freshness } from './freshness.ts'
import { idle } from './idle.ts'
import { micro } from './micro.ts'
import { nab } from './nab.ts'
import { normalizer } from './normalizer.ts'
import { rebalance } from './rebalance.ts'
import { recovery } from './recovery.ts'
import { scale } from './scale.ts'
import { soak } from './soak.ts'
import { watching } from './watching.ts'
import { windows } from './windows.ts'

/** All benchmarks, in the order in which they run. */
export const benches: readonly Bench[] = [
  windows,
  normalizer,
  aggregator,
  recovery,
  freshness,
  scale,
  rebalance,
  idle,
  micro,
  detector,
  nab,
]

/** Those that run only when they are named: they take too long. */
export const longBenches: readonly Bench[] = [soak, watching]
