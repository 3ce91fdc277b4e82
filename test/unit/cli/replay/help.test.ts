import { expect, it } from 'vitest'
import { replayCommand } from '../../../../cli/commands/replay.ts'

it('the help of replay tells its margin as a person would type it', () => {
  expect(replayCommand().helpInformation()).toContain('(default: 15m)')
})
