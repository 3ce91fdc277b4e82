import type { Bench } from '../harness/bench.ts'
import { windows } from './windows.ts'

/** All benchmarks, in the order in which they run. */
export const benches: readonly Bench[] = [windows]
