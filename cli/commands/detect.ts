import { Command } from 'commander'
import { ensemble } from '../../services/detector/ensemble/ensemble.ts'
import { type DetectRequest, detectFiles } from '../detect/run.ts'

/** `tidemark detect`: what the detector would say of history, without a server. */
export function detectCommand(): Command {
  return new Command('detect')
    .description('Score the rows of CSV files (timestamp,value), each by the rows above it.')
    .requiredOption('--in <path>', 'a CSV file, or a folder that is searched for such')
    .requiredOption('--out <folder>', 'where the same rows with their scores are written')
    .option('--value <column>', 'the column that is watched', 'value')
    .action(async (request: DetectRequest) => {
      const count = await detectFiles(request, ensemble, (sentence) => process.stderr.write(`${sentence}\n`))
      process.stderr.write(`Files: ${count}.\n`)
    })
}
