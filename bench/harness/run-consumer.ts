import { type BenchContext, until } from './bench.ts'
import { type MeasuredProcess, requireRunning } from './service-process.ts'

/** What a process spent on a backlog. */
export interface Spent {
  readonly cpuSeconds: number
  readonly wallSeconds: number
  /** Before that: what it costs to start it, and to warm it up. */
  readonly startCpuSeconds: number
}

const timeoutMs = 600_000

/** Waits for what a process does; `missing` says what has not come when it takes too long. Throws Error when it ends. */
export function untilProcess(
  context: BenchContext,
  process_: MeasuredProcess,
  question: () => Promise<boolean>,
  missing: string,
): Promise<void> {
  return until(
    () => {
      requireRunning(process_)
      return question()
    },
    context,
    timeoutMs,
    () => `${missing}; see ${process_.logFile}`,
  )
}

/** Measures a process from now on until its work is done. */
export async function measureWork(process_: MeasuredProcess, done: () => Promise<void>): Promise<Spent> {
  const startCpuSeconds = process_.cpuSeconds()
  const started = performance.now()
  await done()
  return {
    cpuSeconds: process_.cpuSeconds() - startCpuSeconds,
    wallSeconds: (performance.now() - started) / 1_000,
    startCpuSeconds,
  }
}
