/** `npm run bench [name…] [-- options]`: measures on real servers, prints tables, and with --json writes the figures. */
import { writeFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import { nearest } from '../shared/config/nearest.ts'
import { ConfigurationError } from '../shared/errors.ts'
import { benches, longBenches } from './benches/registry.ts'
import { type Bench, type BenchContext, type BenchOptions, type Side, sides } from './harness/bench.ts'
import { closing } from './harness/closing.ts'
import { textOf } from './harness/print.ts'
import type { BenchResult } from './harness/result.ts'
import { findServers } from './harness/servers.ts'

const known = [...benches, ...longBenches]

const number = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.')
  return value
}

const score = (text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError('It must be a number.')
  return value
}

const sideList = (text: string): readonly Side[] =>
  text.split(',').map((name) => {
    const side = sides.find((one) => one === name)
    if (!side) throw new InvalidArgumentError(`“${name}” is none of ${sides.join(', ')}.`)
    return side
  })

const program = new Command('npm run bench --')
  .description(
    `Benchmarks on real servers.\n\n${known.map(({ name, does }) => `${name}: ${does}`).join('\n')}`,
  )
  .argument('[names...]', `which; by default all but ${longBenches.map(({ name }) => name).join()}`)
  .option('--json <file>', 'also write the figures: an object of one benchmark, an array of several')
  .option('--only <sides>', `only these parts: ${sides.join(',')}`, sideList, sides)
  .option('--messages <n>', 'how many line-protocol messages', number)
  .option('--series <n>', 'how many series', number)
  .option('--samples <n>', 'samples of a series in a window', number)
  .option('--open <n>', 'windows held open at once, for their memory', number)
  .option('--windows <n>', 'how many windows are watched', number)
  .option('--window-ms <ms>', 'length of a window', number)
  .option('--rate <n>', 'points a second', number)
  .option('--minutes <n>', 'how long', number)
  .option('--format <names>', 'only raw telemetry of these formats, commas between', (text) =>
    text.split(','),
  )
  .option('--mb <n>', 'megabytes of raw telemetry of each format', number)
  .option('--corpus <folder>', 'of the Numenta Anomaly Benchmark: data/ and labels/')
  .option(
    '--threshold <score>',
    'from which on a row is an alarm; by default the best of each profile',
    score,
  )
  .option('--profile <folder>', 'write CPU profiles of our services there')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .action(run)

const stopping = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stopping.abort())

async function run(
  names: readonly string[],
  options: BenchOptions & { readonly json?: string },
): Promise<void> {
  const chosen =
    names.length === 0 ? benches.filter(({ needs }) => !needs || options[needs]) : names.map(benchOf)
  const needed = [...new Set(chosen.flatMap(({ servers }) => servers))]
  const servers = await findServers(needed, stopping.signal)
  const results: BenchResult[] = []
  try {
    for (const bench of chosen) {
      const result = await runBench(bench, servers.env, options, stopping.signal)
      results.push(result)
      process.stdout.write(`\n${textOf(result)}`)
    }
  } finally {
    await servers.stop()
    // What was measured before something went wrong is worth keeping.
    if (options.json && results.length > 0)
      writeFileSync(options.json, `${JSON.stringify(chosen.length === 1 ? results[0] : results, null, 2)}\n`)
  }
}

function benchOf(name: string): Bench {
  const bench = known.find((one) => one.name === name)
  if (bench) return bench
  const names = known.map((one) => one.name)
  const hint = nearest(name, names)
  throw new ConfigurationError(
    `There is no benchmark “${name}”.${hint ? ` Did you mean “${hint}”?` : ''} The benchmarks are ${names.join(', ')}.`,
  )
}

async function runBench(
  bench: Bench,
  env: BenchContext['env'],
  options: BenchOptions,
  signal: AbortSignal,
): Promise<BenchResult> {
  return await closing(
    { env, options, signal, report: (text) => process.stderr.write(`… ${bench.name}: ${text}\n`) },
    (context) => bench.run(context),
  )
}

try {
  await program.parseAsync(process.argv)
  process.exit()
} catch (error) {
  // Whatever was running fails in its own way when it is stopped: only the reason counts.
  if (stopping.signal.aborted) {
    process.stderr.write('Stopped; nothing was left running.\n')
    process.exit(130)
  }
  const expected = error instanceof ConfigurationError
  const { message, stack = message } = error as Error
  process.stderr.write(`${expected ? message : stack}\n`)
  process.exit(expected ? 2 : 1)
}
