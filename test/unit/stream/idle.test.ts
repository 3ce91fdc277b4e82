import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Task } from '../../../shared/stream/task.ts'
import { TaskRunner } from '../../../shared/stream/task-runner.ts'
import { batch, place, Surroundings, until } from '../../support/runner-surroundings.ts'

// Turns of the event loop stay real: they are how a runner yields, not how it waits.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'Date'] }))
afterEach(() => void vi.useRealTimers())

const second = 1_000
const hour = 3_600 * second

/** A runner that has read and committed all there is, and how often it has asked the broker for the end of its partition. */
async function idle(task: Partial<Task<unknown>> = {}, end = 5) {
  const surroundings = new Surroundings(task)
  surroundings.ranges[place.topic] = { start: 0, end }
  const asked = vi.spyOn(surroundings.context.admin, 'ranges')
  const runner = new TaskRunner(surroundings.context, place)
  runner.start()
  await until(() => surroundings.seeks.length > 0)
  runner.offer(batch(0, 4))
  await until(() => surroundings.seen.length === 5)
  await vi.advanceTimersByTimeAsync(second)
  expect(surroundings.committed?.offset).toBe(5)
  asked.mockClear()
  return { surroundings, runner, asked }
}

describe('an idle partition', () => {
  it('arms no timer and asks nothing when its task has nothing to do without records', async () => {
    const { surroundings, runner, asked } = await idle()
    const commits = surroundings.commits.length
    expect(vi.getTimerCount()).toBe(0)
    await vi.advanceTimersByTimeAsync(hour)
    expect(asked).not.toHaveBeenCalled()
    expect(surroundings.commits).toHaveLength(commits)
    await runner.close({ commit: true })
  })

  it('asks once for each step of quiet, and then arms no timer', async () => {
    const acts: string[] = []
    const { runner, asked } = await idle({
      quiet: [
        { afterMs: 15 * second, act: () => acts.push('close') },
        { afterMs: 300 * second, act: () => acts.push('early') },
      ],
    })
    expect(vi.getTimerCount()).toBe(1)
    await vi.advanceTimersByTimeAsync(hour)
    expect(acts).toEqual(['close', 'early'])
    expect(asked).toHaveBeenCalledTimes(2)
    expect(vi.getTimerCount()).toBe(0)
    await runner.close({ commit: true })
  })

  it('asks once a second at most while the broker has more than it was given', async () => {
    const { runner, asked } = await idle({ quiet: [{ afterMs: 15 * second, act: () => undefined }] }, 6)
    // A second is over already.
    await vi.advanceTimersByTimeAsync(74 * second)
    expect(asked.mock.calls.length).toBeGreaterThan(50)
    expect(asked.mock.calls.length).toBeLessThanOrEqual(75 - 15 + 1)
    await runner.close({ commit: true })
  })
})
