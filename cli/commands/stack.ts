import { join } from 'node:path'
import { Command } from 'commander'
import { ConfigurationError } from '../../shared/errors.ts'
import { attachStack, isLeftRunning, type Stack, stackStatus, startStack } from '../../stack/index.ts'
import { terminalProgress } from '../../stack/progress.ts'

/** Where the local servers keep data, logs and the note of what runs. */
export const stackDirectory = () => join(process.cwd(), '.tidemark', 'stack')

/** `tidemark stack`: the servers alone. */
export function stackCommand(): Command {
  const command = new Command('stack').description(
    'Start and stop Kafka, schema registry, InfluxDB and Elasticsearch on this machine.',
  )
  command
    .command('up')
    .description('Start them, and leave them running.')
    .action(async () => {
      const running = (await isLeftRunning(stackDirectory()))
        ? await attachStack(stackDirectory())
        : undefined
      if (running) {
        process.stdout.write(`The servers run already.\n${addresses(running)}`)
        return
      }
      const stopping = new AbortController()
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
      const progress = terminalProgress(process.stderr)
      try {
        process.stdout.write(
          addresses(
            await startStack({
              directory: stackDirectory(),
              progress,
              signal: stopping.signal,
              detached: true,
            }),
          ),
        )
      } catch (error) {
        if (stopping.signal.aborted) throw new ConfigurationError('Stopped; no server was left running.')
        throw error
      } finally {
        progress.close()
      }
    })
  command
    .command('down')
    .description('Stop them and remove their data.')
    .action(async () => {
      const running = await attachStack(stackDirectory())
      await running?.stop()
      process.stdout.write(running ? 'Stopped.\n' : 'No servers were started from here.\n')
    })
  command
    .command('status')
    .description('Say which of them run, and where.')
    .action(async () => {
      const servers = await stackStatus(stackDirectory())
      if (servers.length === 0)
        process.stdout.write('No servers were started from here: tidemark stack up.\n')
      for (const { server, running, address, pid, logFile } of servers) {
        process.stdout.write(
          `${running ? '✔' : '✖'} ${server.padEnd(14)} ${address}${running && pid ? `  pid ${pid}` : ''}${logFile ? `  log ${logFile}` : ''}\n`,
        )
      }
      if (servers.some(({ running }) => !running)) process.exitCode = 1
    })
  return command
}

/** For a person, and for `export`: the environment that points services at these servers. */
function addresses({ addresses, leftOut }: Stack): string {
  const lines = Object.entries(stackEnvironment(addresses)).map(
    ([name, value]) => `export ${name}=${name.endsWith('TOKEN') ? `'${value}'` : value}\n`,
  )
  return lines.join('') + leftOut.map(({ server, why }) => `# ${server} is left out: ${why}.\n`).join('')
}

/** The environment variables by which services find the servers of a stack. */
export function stackEnvironment({
  kafka,
  registry,
  influx,
  elasticsearch,
}: Stack['addresses']): Readonly<Record<string, string>> {
  return {
    TIDEMARK_KAFKA_BROKERS: kafka.brokers.join(','),
    TIDEMARK_REGISTRY_URL: registry.url,
    ...(influx && {
      TIDEMARK_INFLUX_URL: influx.url,
      TIDEMARK_INFLUX_TOKEN: influx.token,
      TIDEMARK_INFLUX_ORG: influx.org,
      TIDEMARK_INFLUX_BUCKET: influx.bucket,
    }),
    TIDEMARK_ELASTICSEARCH_URL: elasticsearch.url,
  }
}
