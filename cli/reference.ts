/** Writes docs/configuration.md and tidemark.example.yaml; with `--check` fails when they are not what would be written. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exampleYaml, referenceMarkdown } from '../shared/config/reference.ts'
import { allSections } from './sections.ts'

const root = join(import.meta.dirname, '..')
const sections = Object.values(allSections)
const files = {
  'docs/configuration.md': referenceMarkdown(sections),
  'tidemark.example.yaml': exampleYaml(sections),
}

for (const [name, wanted] of Object.entries(files)) {
  const path = join(root, name)
  if (!process.argv.includes('--check')) writeFileSync(path, wanted)
  else if (readFileSync(path, 'utf8') !== wanted) {
    console.error(`${name} does not match the code: run \`npm run generate\` and commit the result`)
    process.exitCode = 1
  }
}
