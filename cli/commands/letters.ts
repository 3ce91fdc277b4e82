import type { Command } from 'commander'
import { ConfigurationError } from '../../shared/errors.ts'
import { type FilterOptions, filterOf } from '../deadletter/filter.ts'
import { list } from '../deadletter/list.ts'
import { redrive } from '../deadletter/redrive.ts'
import type { Shelf } from '../deadletter/shelf.ts'
import { show } from '../deadletter/show.ts'

interface RetryOptions extends FilterOptions {
  readonly dryRun?: boolean
  readonly again?: boolean
  readonly rate?: number
}

/** Gives a command list, show and retry, for what stands on this shelf. */
export function withLetterCommands(command: Command, shelf: Shelf): Command {
  const { one, many, done, command: name } = shelf
  const isParking = name === 'parking'
  const filtered = (below: Command) => {
    below
      .option(
        '--reason <code>',
        `only those ${done} for this reason, such as ${isParking ? 'quota_points' : 'unparseable'}`,
      )
      .option('--topic <name>', 'only those of this topic')
      .option('--since <time>', `only those ${done} from then on, such as 2026-01-31T13:00:00Z`)
      .option('--until <time>', `only those ${done} before`)
    return isParking
      ? below.option('--tenant <name>', 'only those of this tenant')
      : below.option('--producer <name>', 'only those of this producer, as list names it')
  }
  filtered(command.command('list'))
    .description(
      `Sum up what was ${done} by reason, ${isParking ? 'topic and tenant' : 'stage, topic and producer'}.`,
    )
    .option('--limit <groups>', 'how many groups to show, the largest first', count('--limit'), 20)
    .option('--json', 'for programs')
    .action((options) => list(shelf, options))
  command
    .command('show')
    .argument('<position>', `of the ${one} or of the record it holds: <topic>-<partition>-<offset>`)
    .description(`Print everything about one ${one}.`)
    .option('--max-bytes <bytes>', 'how much of the value to print', count('--max-bytes'), 4_096)
    .option('--raw', 'write only the value’s bytes, as they are')
    .action((place, options) => show(shelf, place, options))
  filtered(command.command('retry'))
    .argument('[position]', 'only this one: <topic>-<partition>-<offset>')
    .description(`Send ${isParking ? many : 'refused records'} to their topics again, each once.`)
    .option('--rate <records>', 'no more a second than this', count('--rate'))
    .option('--dry-run', 'say which, and send none')
    .option('--again', 'also those that were re-driven before')
    .action((place: string | undefined, options: RetryOptions) =>
      redrive(shelf, filterOf({ ...options, place }), options),
    )
  return command
}

const count = (option: string) => (text: string) => {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < 1 || !Number.isSafeInteger(number))
    throw new ConfigurationError(`${option} takes a whole number from 1 on, not “${text}”.`)
  return number
}
