import { setTimeout as delay } from 'node:timers/promises'
import { Command } from 'commander'
import { ConfigurationError, RefusedError, RetryableError } from '../../shared/errors.ts'
import { aclCommand } from '../../shared/kafka/acl.ts'
import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { createLogger } from '../../shared/observability/logger.ts'
import { topicSettings } from '../../shared/stream/topic-settings.ts'
import { createTopics } from '../create-topics.ts'
import { type Role, rolesOf } from '../grants.ts'
import { loadAll } from '../sections.ts'

const log = createLogger('tidemark', 'silent')

function load() {
  const { kafka, registry, topics, normalizer, 'elasticsearch-sink': elasticsearchSink } = loadAll()
  return { kafka, registry, topics, rawTopics: normalizer.inputTopics, elasticsearchSink }
}

/** `tidemark topics`. */
export function topicsCommand(): Command {
  const command = new Command('topics').description(
    'Create and list the topics, and print what to grant on them.',
  )
  command
    .command('create')
    .description('Register the schemas and create the topics that do not exist yet.')
    .option('--wait <seconds>', 'how long to wait for the servers to come up', '0')
    .action(async ({ wait }: { wait: string }) => {
      const created = await waiting(Number(wait), () => createTopics(load(), log))
      process.stdout.write(created.length > 0 ? `Created ${created.join(', ')}.\n` : 'All topics exist.\n')
    })
  command
    .command('list')
    .description('List the topics with their partitions and sizes.')
    .action(async () => {
      const { kafka, topics, rawTopics } = load()
      const admin = await KafkaAdmin.open(kafka, log).catch(asConfigurationError)
      try {
        const names = topicSettings(topics, kafka.topicPrefix, rawTopics).map(({ name }) => name)
        const counts = await admin.partitionCounts(names)
        for (const name of names) {
          const partitions = counts.get(name)
          if (partitions === undefined) {
            process.stdout.write(`${name}: does not exist\n`)
            continue
          }
          const ranges = [...(await admin.ranges(name)).values()]
          const records = ranges.reduce((sum, { start, end }) => sum + end - start, 0)
          process.stdout.write(`${name}: ${partitions} partitions, ${records.toLocaleString('en')} offsets\n`)
        }
      } finally {
        await admin.close()
      }
    })
  command
    .command('acls')
    .argument('[roles...]', 'normalizer, aggregator, …; all by default')
    .option('--user <name>', 'grant to this user instead of to one of the role’s own')
    .description('Print the commands that grant each service what it needs on a cluster with ACLs.')
    .action((names: readonly string[], { user }: { user?: string }) => {
      const { kafka, rawTopics, elasticsearchSink } = load()
      const choices = { windowsToElasticsearch: elasticsearchSink.windows }
      for (const role of chosen(rolesOf(kafka.topicPrefix, rawTopics, choices), names)) {
        process.stdout.write(`# ${role.name}: ${role.purpose}\n`)
        for (const grant of role.grants)
          process.stdout.write(`${aclCommand(kafka.brokers.join(','), user ?? role.user, grant)}\n`)
      }
    })
  return command
}

function chosen(roles: readonly Role[], names: readonly string[]): readonly Role[] {
  const unknown = names.find((name) => !roles.some((role) => role.name === name))
  if (unknown !== undefined)
    throw new ConfigurationError(
      `There is no role “${unknown}”: ${roles.map(({ name }) => name).join(', ')} are known.`,
    )
  return names.length === 0 ? roles : roles.filter(({ name }) => names.includes(name))
}

/** Servers that are started at the same time need a moment. */
async function waiting<T>(seconds: number, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + seconds * 1_000
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (Date.now() > deadline || error instanceof RefusedError) asConfigurationError(error)
      await delay(1_000)
    }
  }
}

function asConfigurationError(error: unknown): never {
  if (error instanceof RetryableError)
    throw new ConfigurationError(`${error.server} can't be used: ${error.message}`)
  throw error
}
