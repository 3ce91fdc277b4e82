import { Command } from 'commander'
import { replay } from '../replay/replay.ts'
import type { ReplayOptions } from '../replay/request.ts'
import { parseDuration } from './up.ts'

/** `tidemark replay`: history once more. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('Recompute a stretch of history beside the live pipeline.')
    .option('--from <time>', 'first event time, such as 2026-01-31T13:00:00Z')
    .option('--to <time>', 'event time before which it ends')
    .option('--topics <names>', 'raw topics to read, comma separated (default: normalizer.inputTopics)')
    .option(
      '--stages <names>',
      'normalize, aggregate, detect, store: those to run (default: normalize,aggregate,store)',
    )
    .option('--rate <records>', 'raw records to read in a second, over all partitions (default: no limit)')
    .option(
      '--margin <duration>',
      'how much earlier and later than its events a record may have been written',
      (text) => parseDuration(text, '--margin'),
      parseDuration('15m'),
    )
    .option('--verify', 'write nothing: compare with what InfluxDB holds; exit 1 when there are differences')
    .option('--discard', 'remove what an unfinished replay of this stretch has left')
    .action(async (options: ReplayOptions) => {
      process.exitCode = await replay(options)
    })
}
