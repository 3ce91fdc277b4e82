import { randomBytes } from 'node:crypto'
import { createTopics } from '../../cli/create-topics.ts'
import { type Config, loadAll } from '../../cli/sections.ts'
import { createKafkaClient } from '../../shared/kafka/client.ts'
import { createLogger } from '../../shared/observability/logger.ts'
import { type Topics, topicsOf } from '../../shared/stream/topic.ts'
import type { BenchContext } from './bench.ts'

export const silent = createLogger('bench', 'silent')

/** Topics and groups of one run, fresh, and gone after it. */
export interface Installation {
  /** Before the names of all its topics and groups. */
  readonly name: string
  readonly env: Readonly<Record<string, string>>
  readonly config: Config
  readonly topics: Topics
  readonly raw: string
}

/** `settings` are environment variables of its services. */
export async function install(
  context: BenchContext,
  settings: Readonly<Record<string, string>>,
): Promise<Installation> {
  const name = `bench-${randomBytes(4).toString('hex')}`
  const raw = `${name}.raw`
  const env = {
    ...context.env,
    TIDEMARK_KAFKA_TOPIC_PREFIX: name,
    TIDEMARK_NORMALIZER_INPUT_TOPICS: raw,
    ...settings,
  }
  const config = loadAll({ env: { ...process.env, ...env }, cwd: '/' })
  context.atEnd(() => removeTopicsAndGroups(config, name))
  await createTopics({ ...config, rawTopics: [raw] }, silent)
  return { name, env, config, topics: topicsOf(name), raw }
}

/** Also those that a peer has made under the same name. */
async function removeTopicsAndGroups({ kafka }: Config, name: string): Promise<void> {
  const admin = createKafkaClient(kafka, silent).admin()
  await admin.connect()
  try {
    const isOurs = (other: string) => other.startsWith(name)
    const topics = (await admin.listTopics()).filter(isOurs)
    if (topics.length > 0) await admin.deleteTopics({ topics })
    const { groups } = await admin.listGroups()
    const groupIds = groups.map(({ groupId }) => groupId).filter(isOurs)
    // A member that was killed keeps its group until its session ends; the broker then forgets it by itself.
    if (groupIds.length > 0) await admin.deleteGroups(groupIds).catch(() => undefined)
  } finally {
    await admin.disconnect()
  }
}
