/** Writes docs/configuration.md, tidemark.example.yaml and the rights in docs/security.md; with `--check` fails when they are not what would be written. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exampleYaml, referenceMarkdown } from '../shared/config/reference.ts'
import { rolesOf } from './grants.ts'
import { withRights } from './rights-table.ts'
import { allSections, loadAll } from './sections.ts'

const root = join(import.meta.dirname, '..')
const sections = Object.values(allSections)
const { kafka, normalizer } = loadAll({ env: {}, cwd: join(root, 'docs') })
const securityPage = readFileSync(join(root, 'docs', 'security.md'), 'utf8')
const files = {
  'docs/configuration.md': referenceMarkdown(sections),
  'tidemark.example.yaml': exampleYaml(sections),
  'docs/security.md': withRights(securityPage, rolesOf(kafka.topicPrefix, normalizer.inputTopics)),
}

for (const [name, wanted] of Object.entries(files)) {
  const path = join(root, name)
  if (!process.argv.includes('--check')) writeFileSync(path, wanted)
  else if (readFileSync(path, 'utf8') !== wanted) {
    console.error(`${name} does not match the code: run \`npm run generate\` and commit the result`)
    process.exitCode = 1
  }
}
