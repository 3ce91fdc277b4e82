/** `npm run fuzz -- --runs 100000 --format influx --seed 1`: damaged input for all formats, or one; the first finding of each is saved. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { formats } from '../../services/normalizer/formats/registry.ts'
import { anyInput } from './any-input.ts'
import { Trial } from './trial.ts'

/** Inputs that one task reads. */
const chunk = 1_000

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20000' },
    format: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    out: { type: 'string', default: join('.tidemark', 'fuzz') },
  },
})
const runs = Number(values.runs)
const seed = Number(values.seed)
const names = formats.map(({ name }) => name).filter((name) => name === (values.format ?? name))
if (names.length === 0) {
  console.error(
    `There is no format “${values.format}”: ${formats.map(({ name }) => name).join(', ')} are known.`,
  )
  process.exit(2)
}

console.log(`seed ${seed}, ${runs} inputs a format`)
for (const name of names) {
  const before = process.cpuUsage()
  const finding = firstFinding(name)
  const { user, system } = process.cpuUsage(before)
  console.log(
    `${name.padEnd(24)} ${finding ? finding : 'nothing found'} (${((user + system) / 1e6).toFixed(1)} s of CPU)`,
  )
  if (finding) process.exitCode = 1
}

/** What went wrong first, and where its input lies; undefined when nothing did. */
function firstFinding(name: string): string | undefined {
  for (let done = 0; done < runs; done += chunk) {
    const configured = new Trial(name)
    const recognized = new Trial(undefined)
    let turn = 0
    const property = fc.property(anyInput(name), (input) => {
      configured.run(input)
      // Every fourth, since most formats are configured or found by one look.
      if (turn++ % 4 === 0) recognized.run(input)
    })
    const details = fc.check(property, { seed: seed + done, numRuns: Math.min(chunk, runs - done) })
    if (details.failed) {
      const [input] = details.counterexample ?? [Buffer.alloc(0)]
      const path = join(values.out, `${name}-${seed}.bin`)
      mkdirSync(values.out, { recursive: true })
      writeFileSync(path, input)
      const { errorInstance } = details as { readonly errorInstance?: unknown }
      const text =
        errorInstance instanceof Error
          ? (errorInstance.stack ?? errorInstance.message)
          : String(errorInstance)
      return `FOUND after ${done + details.numRuns} inputs, saved as ${path}: ${text}`
    }
  }
  return undefined
}
