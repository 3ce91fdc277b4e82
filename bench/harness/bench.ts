import { setTimeout as delay } from 'node:timers/promises'
import type { ServerName } from '../../stack/index.ts'
import type { BenchResult } from './result.ts'

/** One benchmark: a file in `benches/` and a line in its registry. */
export interface Bench {
  readonly name: string
  /** What it measures, in a line. */
  readonly does: string
  readonly servers: readonly ServerName[]
  /** An option without which it can't run: then it runs only when it is given, or named. */
  readonly needs?: keyof BenchOptions
  run(context: BenchContext): Promise<BenchResult>
}

export interface BenchContext {
  /** Environment variables by which services find the running servers. */
  readonly env: Readonly<Record<string, string>>
  readonly options: BenchOptions
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  /** Tells a person what is being done. */
  report(text: string): void
  /** `close` is called when the benchmark ends, however it ends; the last one first. */
  atEnd(close: () => Promise<void>): void
}

/** What the command line asks for; undefined leaves it to the benchmark. */
export interface BenchOptions {
  readonly only: readonly Side[]
  readonly messages?: number
  readonly samples?: number
  readonly series?: number
  readonly windows?: number
  readonly open?: number
  readonly windowMs?: number
  readonly rate?: number
  readonly minutes?: number
  readonly format?: readonly string[]
  /** Megabytes. */
  readonly mb?: number
  /** Folder of the Numenta Anomaly Benchmark. */
  readonly corpus?: string
  /** The score from which on a row is an alarm; by default the best one of each profile. */
  readonly threshold?: number
  /** Folder for CPU profiles of our services. */
  readonly profile?: string
}

export const sides = ['ours', 'limit', 'peer', 'memory'] as const
export type Side = (typeof sides)[number]

const pollMs = 25

/** Waits until the question is answered with yes. Throws Error with `what` when that takes longer than `timeoutMs`, or at Ctrl-C. */
export async function until(
  question: () => boolean | Promise<boolean>,
  { signal }: Pick<BenchContext, 'signal'>,
  timeoutMs: number,
  what: () => string,
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await question())) {
    signal.throwIfAborted()
    if (Date.now() > deadline) throw new Error(`After ${timeoutMs / 1_000} s ${what()}.`)
    await delay(pollMs, undefined, { signal })
  }
}
