import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { normalizerSection } from '../../services/normalizer/config.ts'
import { formats } from '../../services/normalizer/formats/registry.ts'
import { loadConfig } from '../../shared/config/load.ts'
import { ConfigurationError } from '../../shared/errors.ts'
import { dryRun, type Outcome } from '../normalize/dry-run.ts'

interface Options {
  readonly in: string
  readonly topic?: string
  readonly format?: string
  readonly lines?: true
}

/** `tidemark normalize`: what would come of a sample, without a server. */
export function normalizeCommand(): Command {
  return new Command('normalize')
    .description('Print what the configuration makes of a sample: points, logs, spans and refusals.')
    .requiredOption('--in <file>', 'the sample; one record, unless --lines is given')
    .option('--topic <name>', 'as if it had come from this topic (default: the first of inputTopics)')
    .option('--format <name>', 'read it as this format, whatever normalizer.formats says')
    .option('--lines', 'each line of the file is a record')
    .action(async (options: Options) => {
      const { normalizer } = loadConfig({ normalizer: normalizerSection })
      const topic = options.topic ?? normalizer.inputTopics[0]!
      const chosen = options.format === undefined ? {} : { [topic]: known(options.format) }
      const config = { ...normalizer, formats: { ...normalizer.formats, ...chosen } }
      const bytes = await sample(options.in)
      const records = options.lines ? linesOf(bytes) : [bytes]
      const outcome = await dryRun(records, config, topic, Date.now())
      process.stdout.write(written(outcome))
      process.stderr.write(`${summary(outcome)}\n`)
    })
}

function known(format: string): string {
  if (!formats.some(({ name }) => name === format))
    throw new ConfigurationError(
      `There is no format “${format}”: ${formats.map(({ name }) => name).join(', ')} are known.`,
    )
  return format
}

async function sample(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new ConfigurationError(`The sample ${path} can’t be read: ${(error as Error).message}.`)
  }
}

/** Without those that are empty, which no agent sends. */
function linesOf(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = []
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(0x0a, from)
    const to = end < 0 ? bytes.length : end
    const line = bytes.subarray(from, bytes[to - 1] === 0x0d ? to - 1 : to)
    if (line.length > 0) lines.push(line)
    from = to + 1
  }
  return lines
}

/** A line of JSON each, named by what it is. */
const written = ({ points, histograms, exemplars, logs, spans, refused }: Outcome) =>
  [
    ...points.map((point) => ({ point })),
    ...histograms.map((histogram) => ({ histogram })),
    ...exemplars.map((exemplar) => ({ exemplar })),
    ...logs.map((log) => ({ log: { ...log, time: new Date(log.time).toISOString() } })),
    ...spans.map((span) => ({ span: { ...span, time: new Date(span.time).toISOString() } })),
    ...refused.map((one) => ({ refused: one })),
  ]
    .map((one) => `${JSON.stringify(one)}\n`)
    .join('')

const summary = ({ points, histograms, logs, spans, refused, dropped }: Outcome) =>
  `Points: ${points.length}, histograms: ${histograms.length}, log events: ${logs.length}, spans: ${spans.length}, refused: ${refused.length}, dropped by rules: ${dropped}.`
