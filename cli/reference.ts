/** Writes docs/configuration.md, docs/names.md, tidemark.example.yaml and the rights in docs/security.md; with `--check` fails when they are not what would be written. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { groups } from '../services/normalizer/names/tables.ts'
import { exampleYaml, referenceMarkdown } from '../shared/config/reference.ts'
import { rolesOf } from './grants.ts'
import { namesPage } from './names-page.ts'
import { withRights } from './rights-table.ts'
import { allSections, loadAll } from './sections.ts'

const root = join(import.meta.dirname, '..')
const sections = Object.values(allSections)
const { kafka, normalizer } = loadAll({ env: {}, cwd: join(root, 'docs') })
const securityPage = readFileSync(join(root, 'docs', 'security.md'), 'utf8')
const files = {
  'docs/configuration.md': referenceMarkdown(sections),
  'docs/names.md': namesPage(groups),
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
