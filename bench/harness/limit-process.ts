import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { type BenchContext, until } from './bench.ts'
import type { Installation } from './installation.ts'
import { measureProcess, openLog, requireRunning } from './service-process.ts'

interface LimitRun<Answer> {
  readonly answer: Answer
  readonly cpuSeconds: number
  readonly wallSeconds: number
}

/** Runs a script of `bench/limit/` as a process of its own, until it answers. */
export async function runLimit<Answer>(
  context: BenchContext,
  { env }: Installation,
  script: string,
  order: unknown,
): Promise<LimitRun<Answer>> {
  const { file, descriptor } = openLog(`limit-${script}`)
  const { profile } = context.options
  const profiling = profile
    ? ['--cpu-prof', `--cpu-prof-dir=${profile}`, `--cpu-prof-name=limit-${script}.cpuprofile`]
    : []
  const started = performance.now()
  const child = spawn(
    process.execPath,
    [...profiling, join(import.meta.dirname, '..', 'limit', `${script}.ts`), JSON.stringify(order)],
    { env: { ...process.env, ...env }, stdio: ['ignore', descriptor, descriptor, 'ipc'], detached: true },
  )
  const limit = measureProcess(context, child, file)
  let answer: Answer | undefined
  child.once('message', (message) => {
    answer = message as Answer
  })
  await until(
    () => {
      if (answer === undefined) requireRunning(limit)
      return answer !== undefined
    },
    context,
    600_000,
    () => `the limit has not read everything; see ${file}`,
  )
  const run = {
    answer: answer!,
    cpuSeconds: limit.cpuSeconds(),
    wallSeconds: (performance.now() - started) / 1_000,
  }
  // It ends by itself, which also writes its profile.
  child.disconnect()
  await until(
    () => limit.ended !== undefined,
    context,
    10_000,
    () => 'the limit does not end',
  )
  return run
}
