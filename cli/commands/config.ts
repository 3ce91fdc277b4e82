import { Command } from 'commander'
import { stringify } from 'yaml'
import { describeConfig } from '../../shared/config/describe.ts'
import { helpText } from '../../shared/config/reference.ts'
import { ConfigurationError } from '../../shared/errors.ts'
import { allSections, loadAll } from '../sections.ts'

type SectionName = keyof typeof allSections
const isSection = (name: string): name is SectionName => Object.hasOwn(allSections, name)

/** `tidemark config`: what is in force, and what there is. */
export function configCommand(): Command {
  const command = new Command('config').description('Check and explain the configuration.')
  command
    .command('show')
    .description('Print what is in force, secrets left out; fails if something is wrong.')
    .action(() => {
      process.stdout.write(stringify(describeConfig(allSections, loadAll())))
    })
  command
    .command('reference')
    .argument('[section]', `one of ${Object.keys(allSections).join(', ')}`)
    .description('Explain all settings, or those of one section.')
    .action((name?: string) => {
      if (name !== undefined && !isSection(name))
        throw new ConfigurationError(
          `There is no section “${name}”: ${Object.keys(allSections).join(', ')} are known.`,
        )
      const sections = name === undefined ? Object.values(allSections) : [allSections[name]]
      process.stdout.write(sections.map(helpText).join('\n'))
    })
  return command
}
