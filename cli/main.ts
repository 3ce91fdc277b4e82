import { Command } from 'commander'
import { ConfigurationError, RefusedError, RetryableError } from '../shared/errors.ts'
import { endWithParent } from '../shared/stream/parent.ts'
import { commandsFor } from './commands/registry.ts'

/** What a person typed wrong ends with status 2, in each command and below it. */
function refusing(command: Command): Command {
  command.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  for (const below of command.commands) refusing(below)
  return command
}

const program = refusing(new Command('tidemark'))
  .description(
    'Stream-processing telemetry on Kafka: windows with true percentiles, anomalies, searchable logs.',
  )
  .option('--config <file>', 'configuration file (default: tidemark.yaml here, if there is one)')
  .hook('preAction', (command) => {
    const { config } = command.opts<{ config?: string }>()
    if (config) process.env.TIDEMARK_CONFIG = config
  })
  .showHelpAfterError('(tidemark --help lists the commands)')

for (const command of await commandsFor(process.argv.slice(2))) program.addCommand(refusing(command))

endWithParent()
try {
  await program.parseAsync(process.argv)
  process.exit()
} catch (error) {
  // What the operator can mend is one sentence; anything else is ours to mend, and tells where it happened.
  if (error instanceof ConfigurationError) {
    process.stderr.write(`${error.message}\n`)
    process.exit(2)
  }
  if (error instanceof RefusedError) {
    process.stderr.write(`${error.server} can't be used: ${error.message}.\n`)
    process.exit(2)
  }
  if (error instanceof RetryableError) {
    process.stderr.write(`${error.server} can't be used: ${error.message}. See: tidemark doctor\n`)
    process.exit(1)
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exit(1)
}
