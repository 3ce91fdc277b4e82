import { type Section, type Setting, settingsOf } from './section.ts'
import { defaultText, exampleText, kindOf, variablesOf } from './setting-text.ts'
import { wrap } from './wrap.ts'

/** The reference page of these sections: a heading and a table for each, in the order given. */
export function referenceMarkdown(sections: readonly Section[]): string {
  const head = [
    '| Key | Environment variable | Takes | Default | Unit | Description |',
    '|---|---|---|---|---|---|',
  ]
  const blocks = sections.map((section) =>
    [
      `## ${section.name}`,
      '',
      section.description,
      '',
      ...head,
      ...settingsOf(section).map(markdownRow),
    ].join('\n'),
  )
  return `${[markdownPreface, ...blocks].join('\n\n')}\n`
}

/**
 * The text of an example file. Lines that begin with one `#` are settings, with their defaults: without that `# ` they
 * are YAML. Lines that begin with `##` are comments and stay comments. Secrets are named only, for a file refuses them.
 */
export function exampleYaml(sections: readonly Section[]): string {
  const blocks = sections.map((section) => {
    const lines = [...wrap(section.description, '## '), `# ${section.name}:`]
    let parents: readonly string[] = [section.name]
    for (const setting of settingsOf(section)) {
      const groups = setting.path.slice(0, -1)
      const depth = groups.findIndex((key, index) => key !== parents[index])
      if (depth !== -1)
        lines.push(...groups.slice(depth).map((key, index) => `# ${indent(depth + index)}${key}:`))
      parents = groups
      lines.push(...yamlLines(setting))
    }
    return lines.join('\n')
  })
  return `${[yamlPreface, ...blocks].join('\n\n')}\n`
}

/** A section in plain text, for `--help`. */
export function helpText(section: Section): string {
  const blocks = settingsOf(section).map((setting) =>
    [
      `  ${setting.path.join('.')}`,
      ...wrap(setting.description, '      '),
      ...wrap(`Takes: ${summary(setting)}`, '      '),
      `      ${variablesOf(setting).join(' or ')}`,
    ].join('\n'),
  )
  return `${[...wrap(`${section.name}: ${section.description}`, ''), '', blocks.join('\n\n')].join('\n')}\n`
}

function markdownRow(setting: Setting): string {
  const example = exampleText(setting)
  const cells = [
    setting.secret ? `${code(keyOf(setting))} (secret)` : code(keyOf(setting)),
    variablesOf(setting).map(code).join(' or '),
    kindOf(setting),
    code(defaultText(setting)),
    setting.unit ?? '',
    example === undefined ? setting.description : `${setting.description} Example: ${code(example)}`,
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function yamlLines(setting: Setting): readonly string[] {
  const [key = ''] = setting.path.slice(-1)
  const margin = indent(setting.path.length - 1)
  const comment = (text: string) => wrap(text, `## ${margin}`)
  if (setting.secret)
    return comment(`${key}: ${setting.description} Only from ${variablesOf(setting).join(' or ')}.`)
  const value = defaultText(setting)
  const example = exampleText(setting)
  const about = `${setting.description} Takes: ${takes(setting)}.`
  if (value !== undefined) return [...comment(about), `# ${margin}${key}: ${value}`]
  if (example === undefined) return comment(`${key}: ${about}`)
  return [...comment(`${about} No default: the value is an example.`), `# ${margin}${key}: ${example}`]
}

/** What it takes, its default and an example, in one line of plain text. */
function summary(setting: Setting): string {
  const example = exampleText(setting)
  return [
    takes(setting),
    setting.secret ? 'secret' : `default ${defaultText(setting) ?? 'none'}`,
    ...(example === undefined ? [] : [`example ${example}`]),
  ].join('; ')
}

const takes = (setting: Setting) =>
  [kindOf(setting).replaceAll('`', ''), ...(setting.unit === undefined ? [] : [`in ${setting.unit}`])].join(
    ', ',
  )

const keyOf = ({ path }: Setting) => path.slice(1).join('.')
const code = (text: string | undefined) => (text === undefined || text === '' ? '' : `\`${text}\``)
const indent = (depth: number) => '  '.repeat(depth)

const markdownPreface = `# Configuration

Generated from the code by \`npm run generate\`.

Every setting has a default or may be left out. What the file says comes before the default, and what the environment
says before the file.

The file is \`tidemark.yaml\` in the working directory, or the one that \`--config\` or \`TIDEMARK_CONFIG\` names.
\`tidemark.example.yaml\` has every key, commented out. All services can share one file: each reads its own sections.

In the environment, lists are comma separated (\`a,b\`), maps are pairs (\`key=value,key=value\`), and lists of maps are JSON. A secret comes from
the environment or from a file that its \`_FILE\` variable names, and is refused in the YAML file.

A wrong key or value stops the start with a sentence that says where it stands. \`tidemark config show\` prints what is in
force, \`tidemark config reference SECTION\` what there is.`

const yamlPreface = [
  ...wrap('Tidemark’s configuration. Copy it to tidemark.yaml and keep what you change.', '## '),
  ...wrap(
    'Lines with one # are settings and show their defaults, or an example where there is no default. To change one, take the "# " from it and from the names above it that it belongs to.',
    '## ',
  ),
].join('\n')
