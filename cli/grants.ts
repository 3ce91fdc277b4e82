import { type AclOperation, type Grant, merged } from '../shared/kafka/acl.ts'
import { stateTopicOf, type Topic, topicsOf } from '../shared/stream/topic.ts'
import { type ServiceName, services } from './services.ts'

/** Who connects to Kafka, and all that it may do there. */
export interface Role {
  /** The name of the service, or of who else connects. */
  readonly name: string
  readonly purpose: string
  /** The user to give it, by default: its consumer group has the same name. */
  readonly user: string
  readonly grants: readonly Grant[]
}

/** Settings with which a role needs more. */
interface Choices {
  /** `elasticsearch-sink.windows`. */
  readonly windowsToElasticsearch?: boolean
}

/**
 * The least that each role needs on a cluster that denies what is not granted. docs/security.md prints this, the
 * security test grants it, and `tidemark topics acls` makes commands of it.
 */
export function rolesOf(
  prefix: string,
  rawTopics: readonly string[],
  { windowsToElasticsearch = false }: Choices = {},
): readonly Role[] {
  const {
    points,
    partials,
    logs,
    spans,
    windows,
    anomalies,
    expectations,
    findings,
    incidents,
    markers,
    peers,
    late,
    deadletter,
    parking,
  } = topicsOf(prefix)
  const states = [points, partials].map((topic) => stateTopicOf(prefix, topic))
  const role = (name: string, purpose: string, ...grants: readonly (readonly Grant[])[]): Role => ({
    name,
    purpose,
    user: `${prefix}-${name}`,
    grants: merged(grants.flat()),
  })
  const service = (name: ServiceName, ...grants: readonly (readonly Grant[])[]) =>
    role(
      name,
      services.find((one) => one.name === name)!.does,
      ...grants,
      on([deadletter], 'Write'),
      membership(`${prefix}-${name}`),
    )
  return [
    service('normalizer', onNames(rawTopics, 'Read'), on([points, logs, spans, parking], 'Write')),
    service(
      'aggregator',
      on([points], 'Read'),
      on([partials], 'Read', 'Write'),
      on([windows, late, logs], 'Write'),
      onNames(states, 'Read', 'Write'),
    ),
    service(
      'detector',
      on([markers], 'Read'),
      on([windows, findings, peers], 'Read', 'Write'),
      on([anomalies, expectations, incidents], 'Write'),
      onNames(
        [windows, findings, peers].map((topic) => stateTopicOf(prefix, topic)),
        'Read',
        'Write',
      ),
    ),
    service('influx-sink', on([windows, anomalies, expectations], 'Read')),
    service(
      'elasticsearch-sink',
      on([logs, anomalies, incidents, ...(windowsToElasticsearch ? [windows] : [])], 'Read'),
    ),
    role('agent', 'whatever produces telemetry', onNames(rawTopics, 'Write')),
    role(
      'operator',
      '`tidemark topics`, `tidemark doctor`, `list` and `show` of `tidemark deadletter` and `tidemark parking`, and what `tidemark up` shows',
      onNames(rawTopics, 'Create', 'Describe', 'DescribeConfigs'),
      [topicsUnder(prefix, 'Create', 'Describe', 'DescribeConfigs')],
      on([windows, anomalies, deadletter, parking], 'Read'),
      [tailing(prefix)],
    ),
    role(
      'mark',
      '`tidemark mark`, and pipelines that tell of deploys',
      on([markers], 'Read', 'Write'),
      on([anomalies, incidents], 'Read'),
      [tailing(prefix)],
    ),
    role(
      'redrive',
      '`tidemark deadletter retry` and `tidemark parking retry`',
      on([deadletter, parking], 'Read'),
      onNames(
        [deadletter, parking].map((topic) => stateTopicOf(prefix, topic)),
        'Read',
        'Write',
      ),
      onNames(rawTopics, 'Write'),
      // Inputs of the later stages, which refuse records as well.
      on(
        [points, partials, logs, windows, findings, peers, anomalies, incidents, expectations, markers],
        'Write',
      ),
      [tailing(prefix)],
      membership(`${prefix}-redrive`),
    ),
    role(
      'replay',
      '`tidemark replay`',
      onNames(rawTopics, 'Read', 'DescribeConfigs'),
      [topicsUnder(prefix, 'Read', 'Write')],
      membership(`${prefix}-replay`, 'prefixed'),
    ),
  ]
}

const on = (topics: readonly Topic<unknown>[], ...operations: readonly AclOperation[]) =>
  onNames(
    topics.map(({ name }) => name),
    ...operations,
  )

const onNames = (names: readonly string[], ...operations: readonly AclOperation[]): readonly Grant[] =>
  names.map((name) => ({ resource: 'topic', name, match: 'literal', operations }))

const topicsUnder = (prefix: string, ...operations: readonly AclOperation[]): Grant => ({
  resource: 'topic',
  name: `${prefix}.`,
  match: 'prefixed',
  operations,
})

/** Reading a topic without committing, in a group that is made for it. */
const tailing = (prefix: string): Grant => ({
  resource: 'group',
  name: `${prefix}-tail-`,
  match: 'prefixed',
  operations: ['Read'],
})

/** A consumer group and the transactions of its members, one transactional id for each partition that they read. */
const membership = (group: string, match: Grant['match'] = 'literal'): readonly Grant[] => [
  { resource: 'group', name: group, match, operations: ['Read'] },
  { resource: 'transactional-id', name: `${group}-`, match: 'prefixed', operations: ['Write'] },
]
