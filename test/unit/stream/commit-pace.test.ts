import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Task } from '../../../shared/stream/task.ts'
import { TaskRunner } from '../../../shared/stream/task-runner.ts'
import { batch, place, Surroundings, until } from '../../support/runner-surroundings.ts'

/** A runner that commits each 200 ms, and each second when nobody waits, by a clock that is moved by hand. */
async function started(task: Partial<Task<unknown>>) {
  let taken = -1
  const surroundings = new Surroundings({
    ...task,
    process: (records, out, signal) => {
      taken = records.at(-1)!.offset
      return task.process?.(records, out, signal)
    },
  })
  const clock = { now: 0 }
  const { config } = surroundings.context
  const runner = new TaskRunner(
    {
      ...surroundings.context,
      config: { ...config, commitIntervalMs: 200, backlogCommitIntervalMs: 1_000 },
      now: () => clock.now,
    },
    place,
  )
  runner.start()
  await until(() => surroundings.seeks.length > 0)
  return {
    /** Wakes the runner at this time, with a record. Returns the offsets committed so far. */
    async take(offset: number, now: number) {
      clock.now = now
      runner.offer(batch(offset, offset))
      await until(() => taken === offset)
      for (let i = 0; i < 20; i++) await turn()
      return surroundings.commits.map((commit) => commit.offset)
    },
    close: () => runner.close({ commit: false }),
  }
}

it('commits the first output after a pause at once, more of them each interval, and none for longer', async () => {
  const isOutput = (offset: number) => offset >= 2 && offset <= 4
  const runner = await started({
    process: (records, out) => {
      for (const record of records) if (isOutput(record.offset)) out.reject(record, 'test', 'an output')
    },
  })
  const commits = [
    await runner.take(0, 500),
    await runner.take(1, 900),
    await runner.take(2, 901),
    await runner.take(3, 1_000),
    await runner.take(4, 1_101),
    await runner.take(5, 2_100),
    await runner.take(6, 3_099),
    await runner.take(7, 3_100),
  ]
  await runner.close()
  expect(commits).toEqual([[], [], [3], [3], [3, 4], [3, 4, 5], [3, 4, 5], [3, 4, 5, 7]])
})

it('commits each interval what a task gathers until then', async () => {
  const runner = await started({ gathers: true })
  const commits = [
    await runner.take(0, 199),
    await runner.take(1, 200),
    await runner.take(2, 399),
    await runner.take(3, 400),
  ]
  await runner.close()
  expect(commits).toEqual([[], [1], [1], [1, 3]])
})
