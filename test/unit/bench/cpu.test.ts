import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { cpuSecondsOf, parseStat } from '../../../bench/harness/cpu.ts'

describe('CPU time of processes', () => {
  it('adds user and system time of a process and of its ended children', () => {
    const line =
      '4242 (node) S 17 4242 4242 0 -1 4194304 9000 200 1 0 1234 66 100 50 20 0 11 0 12345 1000000 2000 18446744073709551615'
    expect(parseStat(line)).toEqual({ pid: 4242, parent: 17, cpuSeconds: 14.5 })
  })

  it('is not confused by a name with spaces and parentheses', () => {
    const line = '7 (a) S 1 (b) R 3 7 7 0 -1 0 0 0 0 0 100 0 0 0 20 0 1 0 1 1 1 1'
    expect(parseStat(line)).toEqual({ pid: 7, parent: 3, cpuSeconds: 1 })
  })

  it.skipIf(process.platform !== 'linux')(
    'counts the work of a child that still runs',
    async () => {
      const work = `
      const used = () => { const { user, system } = process.cpuUsage(); return user + system }
      for (const end = used() + 3e5; used() < end; ) for (let i = 0; i < 1e6; i++);
      process.send(1)
      setInterval(() => {}, 1000)`
      const child = spawn(process.execPath, ['-e', work], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      })
      try {
        const before = cpuSecondsOf(process.pid) - cpuSecondsOf(child.pid!)
        await once(child, 'message')
        expect(cpuSecondsOf(child.pid!)).toBeGreaterThanOrEqual(0.29)
        expect(cpuSecondsOf(process.pid)).toBeGreaterThanOrEqual(before + 0.29)
      } finally {
        child.kill('SIGKILL')
      }
    },
    30_000,
  )
})
