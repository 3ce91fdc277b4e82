import { Command } from 'commander'
import { ConfigurationError } from '../../shared/errors.ts'
import { type FilterOptions, filterOf } from '../deadletter/filter.ts'
import { list } from '../deadletter/list.ts'
import { redrive } from '../deadletter/redrive.ts'
import { show } from '../deadletter/show.ts'

/** `tidemark deadletter`: what was refused. */
export function deadletterCommand(): Command {
  const command = new Command('deadletter').description('See what was refused and why, and send it again.')
  filtered(command.command('list'))
    .description('Sum up what was refused by reason, stage, topic and producer.')
    .option('--limit <groups>', 'how many groups to show, the largest first', count('--limit'), 20)
    .option('--json', 'for programs')
    .action(list)
  command
    .command('show')
    .argument('<position>', 'of the dead letter or of the refused record: <topic>-<partition>-<offset>')
    .description('Print everything about one dead letter.')
    .option('--max-bytes <bytes>', 'how much of the value to print', count('--max-bytes'), 4_096)
    .option('--raw', 'write only the value’s bytes, as they are')
    .action(show)
  filtered(command.command('retry'))
    .argument('[position]', 'only this one: <topic>-<partition>-<offset>')
    .description('Send refused records to their topics again, each once.')
    .option('--dry-run', 'say which, and send none')
    .option('--again', 'also those that were re-driven before')
    .action(
      async (place: string | undefined, options: FilterOptions & { dryRun?: boolean; again?: boolean }) =>
        redrive(filterOf({ ...options, place }), options),
    )
  return command
}

const filtered = (command: Command) =>
  command
    .option('--reason <code>', 'only those refused for this reason, such as unparseable')
    .option('--topic <name>', 'only those of this topic')
    .option('--since <time>', 'only those refused from then on, such as 2026-01-31T13:00:00Z')
    .option('--until <time>', 'only those refused before')

const count = (option: string) => (text: string) => {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < 1 || !Number.isSafeInteger(number))
    throw new ConfigurationError(`${option} takes a whole number from 1 on, not “${text}”.`)
  return number
}
