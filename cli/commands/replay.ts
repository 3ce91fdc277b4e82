import { Command, Option } from 'commander'
import { ConfigurationError } from '../../shared/errors.ts'
import { filterOf } from '../deadletter/filter.ts'
import { redrive } from '../deadletter/redrive.ts'
import { deadLetters } from '../deadletter/shelf.ts'
import { replay } from '../replay/replay.ts'
import type { ReplayOptions } from '../replay/request.ts'
import { parseDuration } from './up.ts'

const defaultMargin = '15m'

interface DeadletterOptions {
  readonly deadletters?: boolean
  readonly reason?: string
  readonly topic?: string
  readonly dryRun?: boolean
  readonly again?: boolean
}

/** `tidemark replay`: history once more. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('Recompute a stretch of history beside the live pipeline, or re-drive refused records.')
    .option('--from <time>', 'first event time, such as 2026-01-31T13:00:00Z')
    .option('--to <time>', 'event time before which it ends')
    .option('--topics <names>', 'raw topics to read, comma separated (default: normalizer.inputTopics)')
    .option(
      '--stages <names>',
      'normalize, aggregate, detect, store: those to run (default: normalize,aggregate,store)',
    )
    .option('--rate <records>', 'raw records to read in a second, over all partitions (default: no limit)')
    .addOption(
      new Option(
        '--margin <duration>',
        'how much earlier and later than its events a record may have been written',
      )
        .argParser((text) => parseDuration(text, '--margin'))
        .default(parseDuration(defaultMargin), defaultMargin),
    )
    .option('--verify', 'write nothing: compare with what InfluxDB holds; exit 1 when there are differences')
    .option('--discard', 'remove what an unfinished replay of this stretch has left')
    .option(
      '--deadletters',
      'the same as tidemark deadletter retry; --from and --to say when they were refused',
    )
    .option('--reason <code>', 'with --deadletters: only those refused for this reason, such as unparseable')
    .option('--topic <name>', 'with --deadletters: only those of this topic')
    .option('--dry-run', 'with --deadletters: say which, and send none')
    .option('--again', 'with --deadletters: also those that were re-driven before')
    .action(async (options: ReplayOptions & DeadletterOptions) => {
      refuseMixture(options)
      const { from, to, reason, topic, dryRun = false, again = false } = options
      const times = { since: '--from', until: '--to' }
      if (options.deadletters)
        await redrive(deadLetters, filterOf({ since: from, until: to, reason, topic }, times), {
          dryRun,
          again,
        })
      else process.exitCode = await replay(options)
    })
}

const ofReplay = ['topics', 'stages', 'rate', 'verify', 'discard'] as const
const ofDeadletters = ['reason', 'topic', 'dryRun', 'again'] as const

/** Throws ConfigurationError for an option of the other kind of replay. */
function refuseMixture(options: ReplayOptions & DeadletterOptions): void {
  const foreign = (options.deadletters ? ofReplay : ofDeadletters).find((name) => options[name] !== undefined)
  if (foreign === undefined) return
  const option = `--${foreign.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  throw new ConfigurationError(
    options.deadletters
      ? `${option} does not go with --deadletters.`
      : `${option} goes with --deadletters only.`,
  )
}
