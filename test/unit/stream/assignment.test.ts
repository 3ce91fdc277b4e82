import { describe, expect, it } from 'vitest'
import { Assignment } from '../../../shared/stream/assignment.ts'
import { batch, place, Surroundings, until } from '../../support/runner-surroundings.ts'

/** An assignment whose task has worked off the records before offset 2. */
async function working(surroundings: Surroundings): Promise<Assignment> {
  const assignment = new Assignment(surroundings.context)
  assignment.assigned([place], { isNew: true })
  await until(() => surroundings.seeks.length === 1)
  assignment.fetched(batch(0, 1))
  await until(() => surroundings.committed?.offset === 2)
  return assignment
}

describe('a partition that stays with a worker', () => {
  it('goes on where it is after a rebalance', async () => {
    const surroundings = new Surroundings({ writesOutside: true })
    const assignment = await working(surroundings)
    assignment.assigned([place], { isNew: false })
    await until(() => surroundings.seeks.length === 2)
    await assignment.close(1_000)
    expect({ seeks: surroundings.seeks, opened: surroundings.opened }).toEqual({ seeks: [0, 2], opened: 1 })
  })

  it('begins again where the commit says when the worker was thrown out meanwhile and it writes to a store', async () => {
    const surroundings = new Surroundings({ writesOutside: true })
    const assignment = await working(surroundings)
    // Another owner has written on.
    surroundings.committed = { offset: 8, metadata: '1:8:' }
    assignment.assigned([place], { isNew: true })
    await until(() => surroundings.opened === 2 && surroundings.seeks.length === 2)
    assignment.fetched(batch(8, 9))
    await until(() => surroundings.committed?.offset === 10)
    await assignment.close(1_000)
    expect({ seeks: surroundings.seeks, seen: surroundings.seen }).toEqual({
      seeks: [0, 8],
      seen: [0, 1, 8, 9],
    })
  })

  it('needs not when transactions fence what it does', async () => {
    const surroundings = new Surroundings()
    const assignment = await working(surroundings)
    assignment.assigned([place], { isNew: true })
    await until(() => surroundings.seeks.length === 2)
    await assignment.close(1_000)
    expect(surroundings.opened).toBe(1)
  })
})
