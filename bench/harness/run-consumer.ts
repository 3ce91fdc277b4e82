import type { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { type BenchContext, until } from './bench.ts'
import { type MeasuredProcess, requireRunning } from './service-process.ts'

/** What a process spent on a backlog, from when it had joined its group. */
export interface Spent {
  readonly cpuSeconds: number
  readonly wallSeconds: number
  /** Before that: what it costs to start it. */
  readonly startCpuSeconds: number
}

interface Work {
  readonly groupId: string
  /** What is being waited for, as an error says it. */
  readonly what: string
  isDone(): Promise<boolean>
}

const timeoutMs = 600_000

/** Measures a process that has just been started until its work is done. */
export async function measureConsumer(
  context: BenchContext,
  admin: KafkaAdmin,
  process_: MeasuredProcess,
  { groupId, what, isDone }: Work,
): Promise<Spent> {
  const waiting = (question: () => Promise<boolean>, missing: string) =>
    until(
      () => {
        requireRunning(process_)
        return question()
      },
      context,
      timeoutMs,
      () => `${missing}; see ${process_.logFile}`,
    )
  await waiting(async () => (await admin.membersOf(groupId)) > 0, `nobody has joined the group ${groupId}`)
  const startCpuSeconds = process_.cpuSeconds()
  const started = performance.now()
  await waiting(isDone, what)
  return {
    cpuSeconds: process_.cpuSeconds() - startCpuSeconds,
    wallSeconds: (performance.now() - started) / 1_000,
    startCpuSeconds,
  }
}

/** Records of a topic, those that end transactions among them. */
export async function recordsIn(admin: KafkaAdmin, topic: string): Promise<number> {
  return [...(await admin.ranges(topic)).values()].reduce((sum, { start, end }) => sum + end - start, 0)
}
