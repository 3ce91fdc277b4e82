import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../stack/command.ts'
import type { Bench } from '../harness/bench.ts'
import { machine } from '../harness/result.ts'

const folder = join(import.meta.dirname, '..', 'micro')

/**
 * Parts alone: each script of `bench/micro/` in a process of its own, so that what one has taught the compiler does not
 * bend another's figure. A script prints a line `what: N ns each, …` for each figure; other lines are passed on.
 */
export const micro: Bench = {
  name: 'micro',
  does: 'codecs, line protocol and sketches alone, in nanoseconds',
  servers: [],

  async run({ signal, report }) {
    const before = machine()
    const rows: { part: string; what: string; ns_each: number; million_per_cpu_s: number }[] = []
    for (const part of readdirSync(folder).filter((name) => name !== 'measure.ts')) {
      report(`running ${part}`)
      const text = await run(process.execPath, [join(folder, part)], { signal })
      for (const line of text.trimEnd().split('\n')) {
        const [, what, nanoseconds] = /^(.*): ([\d.]+) ns each/.exec(line) ?? []
        if (!what) report(line)
        else
          rows.push({
            part: part.slice(0, -'.ts'.length),
            what,
            ns_each: Number(nanoseconds),
            million_per_cpu_s: Math.round(1e5 / Number(nanoseconds)) / 100,
          })
      }
    }
    return { bench: 'micro', taken: new Date().toISOString(), machine: before, workload: {}, rows }
  },
}
