/** Access control lists, as data: what one principal may do, and how Kafka's own tool grants it. */

export type AclResource = 'topic' | 'group' | 'transactional-id'
/** By Kafka's names. Each of Read and Write lets the principal Describe as well. */
export type AclOperation = 'Read' | 'Write' | 'Create' | 'Describe' | 'DescribeConfigs'

/** Operations on one resource, or on all whose names begin so. */
export interface Grant {
  readonly resource: AclResource
  readonly name: string
  readonly match: 'literal' | 'prefixed'
  readonly operations: readonly AclOperation[]
}

/** Several grants on the same resource become one, in the order in which resources are first named. */
export function merged(grants: readonly Grant[]): readonly Grant[] {
  const byResource = new Map<string, Grant>()
  for (const grant of grants) {
    const key = `${grant.resource} ${grant.match} ${grant.name}`
    const operations = new Set([...(byResource.get(key)?.operations ?? []), ...grant.operations])
    byResource.set(key, { ...grant, operations: [...operations] })
  }
  return [...byResource.values()]
}

/** The command of Kafka's `kafka-acls.sh` that grants it, for a shell. */
export function aclCommand(bootstrapServer: string, user: string, grant: Grant): string {
  return [
    'kafka-acls.sh --bootstrap-server',
    quoted(bootstrapServer),
    '--command-config admin.properties --add',
    `--allow-principal ${quoted(`User:${user}`)}`,
    ...grant.operations.map((operation) => `--operation ${operation}`),
    `--${grant.resource} ${quoted(grant.name)}`,
    ...(grant.match === 'prefixed' ? ['--resource-pattern-type prefixed'] : []),
  ].join(' ')
}

const quoted = (text: string) => (/^[\w.,:@/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
