/** Writes docs/conformance.md; with `--check` fails when it is not what would be written. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { passed } from './passed.ts'
import { type Row, rows } from './rows.ts'
import { throughputOf } from './throughput.ts'

const path = join(import.meta.dirname, '../../docs/conformance.md')
const page = `# What of each format is read

Written by \`npm run generate\` from [test/conformance/rows.ts](../test/conformance/rows.ts); the examples were read for it. An
example passes when nothing in it is refused and something comes out. Those of others' tests hold wrong ones too, which are
refused, and kinds that Tidemark does not take. “–” says that nothing is known to be missing. [What agents may send](formats.md) says what becomes of each.

The throughput is that of a CPU second, from raw topic to typed batches, exactly once, as [bench/results/normalizer.json](../bench/results/normalizer.json)
has it; [benchmarks](benchmarks.md#normalizer) says of what telemetry.

| format | specification | covered | not taken | examples that pass | read from a real agent | throughput |
|---|---|---|---|---|---|---|
${rows.map(lineOf).join('\n')}
`

if (!process.argv.includes('--check')) writeFileSync(path, page)
else if (readFileSync(path, 'utf8') !== page) {
  console.error('docs/conformance.md does not match the tests: run `npm run generate` and commit the result')
  process.exitCode = 1
}

function lineOf(row: Row): string {
  const { format, specification, covered, missing, examples, agent } = row
  const count = examples
    ? `${passed(row)} of ${examples.inputs.length}: ${examples.source}`
    : 'no outside examples yet'
  return `| \`${format}\` | ${specification} | ${covered} | ${missing || '–'} | ${count} | ${agent ?? 'not yet'} | ${throughputOf(format)} |`
}
