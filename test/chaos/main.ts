import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { ConfigurationError } from '../../shared/errors.ts'
import { type Stack, startStack } from '../../stack/index.ts'
import { terminalProgress } from '../../stack/progress.ts'
import { install } from '../support/pipeline.ts'
import { ServerProxy } from '../support/proxy.ts'
import { serviceNames } from './crew.ts'
import { type FaultName, faults } from './faults/registry.ts'
import { processOutage, proxyOutage } from './outage.ts'
import { figuresOf, isClean, tableOf } from './result.ts'
import { runChaos } from './run.ts'
import { rounds } from './schedule.ts'
import { environment } from './settings.ts'

interface Options {
  readonly minutes: number
  readonly seed: number
  readonly json?: string
  readonly faults: readonly FaultName[]
}

/** A store is away for up to a minute, but in a short run not for most of it. */
const maxOutageMs = (minutes: number) => Math.min(60_000, Math.max(5_000, minutes * 6_000))

const number = (text: string) => {
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0) throw new InvalidArgumentError('It is a number, 0 or more.')
  return value
}

const faultList = (text: string): readonly FaultName[] =>
  text.split(',').map((name) => {
    const fault = faults.find((one) => one.name === name.trim())
    if (!fault)
      throw new InvalidArgumentError(`“${name}” is none of ${faults.map((one) => one.name).join(', ')}.`)
    return fault.name
  })

const command = new Command('chaos')
  .description(
    'Breaks everything, at random, while telemetry flows, and accounts for every point and log at the end.',
  )
  .option('--minutes <n>', 'how long faults come', number, 5)
  .option('--seed <n>', 'decides the schedule of the faults', number, Math.floor(Math.random() * 2 ** 31))
  .option(
    '--faults <names>',
    'only these, separated by commas',
    faultList,
    faults.map(({ name }) => name),
  )
  .option('--json <file>', 'where the figures go')
  .action(chaos)

async function chaos({ minutes, seed, json, faults: names }: Options): Promise<void> {
  if (process.env.TIDEMARK_STACK === 'docker')
    throw new ConfigurationError(
      'Chaos ends and starts servers itself: unset TIDEMARK_STACK, or set it to local.',
    )
  process.env.TIDEMARK_STACK = 'local'
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
  const directory = join(process.cwd(), '.tidemark', 'chaos')
  const progress = terminalProgress(process.stderr)
  const stack = await startStack({ directory, progress, signal: stopping.signal })
  progress.close()
  try {
    const result = await withStack(stack, directory, { minutes, seed, faults: names }, stopping.signal)
    process.stdout.write(`\n${tableOf(result)}`)
    if (json) await writeFile(json, `${JSON.stringify(figuresOf(result), null, 2)}\n`)
    process.exitCode = isClean(result) ? 0 : 1
  } finally {
    await stack.stop()
  }
}

async function withStack(
  stack: Stack,
  directory: string,
  { minutes, seed, faults: names }: Options,
  signal: AbortSignal,
) {
  const { servers, addresses } = stack
  if (!addresses.influx) throw new ConfigurationError(`Chaos needs InfluxDB: ${stack.leftOut[0]?.why}.`)
  const registry = await ServerProxy.before(addresses.registry.url)
  try {
    const installation = await install({ ...environment, TIDEMARK_REGISTRY_URL: registry.url }, { addresses })
    process.stdout.write(`seed ${seed}, ${minutes} min; workers log to ${directory}\n`)
    return await runChaos({
      installation,
      servers: {
        kafka: processOutage(servers.get('kafka')!),
        registry: proxyOutage(registry),
        influxdb: processOutage(servers.get('influxdb')!),
        elasticsearch: processOutage(servers.get('elasticsearch')!),
      },
      seed,
      rounds: rounds(
        seed,
        faults.filter(({ name }) => names.includes(name)),
        serviceNames,
      ),
      durationMs: minutes * 60_000,
      maxOutageMs: maxOutageMs(minutes),
      directory: join(directory, 'workers', installation.name),
      withInflux: true,
      say: (line) => process.stdout.write(`${line}\n`),
      signal,
    })
  } finally {
    await registry.cut()
  }
}

try {
  await command.parseAsync()
  process.exit()
} catch (error) {
  const known = error instanceof ConfigurationError
  process.stderr.write(`${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  process.exit(known ? 2 : 1)
}
