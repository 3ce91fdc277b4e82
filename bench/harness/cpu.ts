import { readdirSync, readFileSync } from 'node:fs'
import { ConfigurationError } from '../../shared/errors.ts'

/** What Linux tells of one process in /proc/<pid>/stat. */
interface ProcessStat {
  readonly pid: number
  readonly parent: number
  /** User and system time of all threads, and of children that have ended and were waited for; seconds. */
  readonly cpuSeconds: number
}

/** Linux gives times to programs in hundredths of a second, whatever the kernel's own tick is (`USER_HZ`). */
const ticksPerSecond = 100

/** Reads one line of /proc/<pid>/stat. The name in parentheses may itself hold spaces and parentheses. */
export function parseStat(line: string): ProcessStat {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const ticks = [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i]), 0)
  return {
    pid: Number.parseInt(line, 10),
    parent: Number(fields[1]),
    cpuSeconds: ticks / ticksPerSecond,
  }
}

/** CPU seconds of a process and all its descendants so far. Throws ConfigurationError where there is no /proc. */
export function cpuSecondsOf(pid: number): number {
  const all = readAll()
  const family = new Set([pid])
  // A child may have a smaller number than its parent: go round until nobody is added.
  for (let size = 0; size < family.size; ) {
    size = family.size
    for (const stat of all) if (family.has(stat.parent)) family.add(stat.pid)
  }
  return all.reduce((sum, stat) => sum + (family.has(stat.pid) ? stat.cpuSeconds : 0), 0)
}

/** Resident memory of a process now, bytes. */
export function residentBytesOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
}

function readAll(): readonly ProcessStat[] {
  let names: readonly string[]
  try {
    names = readdirSync('/proc')
  } catch {
    throw new ConfigurationError(
      'CPU seconds are read from /proc, which this system lacks: run the benchmarks on Linux.',
    )
  }
  return names.flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      return [parseStat(readFileSync(`/proc/${name}/stat`, 'utf8'))]
    } catch {
      // It ended between the listing and the reading.
      return []
    }
  })
}
