import { type Bound, errorTypeOf, type Operation, other, tagsOf, textIn } from './operation.ts'

type Attributes = Readonly<Record<string, string>>

const systems = ['db.system.name', 'db.system', 'db.type'] as const

/** Whether these are attributes of a database's client. */
export const isDatabase = (attributes: Attributes) => textIn(attributes, ...systems) !== undefined

/** What a client has asked of a database. The query itself is no tag: it has no end of values. */
export function databaseOperation(attributes: Attributes, hasFailed: boolean, bound: Bound): Operation {
  const server = textIn(attributes, 'server.address', 'net.peer.name', 'peer.service')
  return {
    duration: 'db.client.operation.duration',
    count: { metric: 'db.client.operation.count', unit: '{operation}', value: 1 },
    businessErrors: 'db.client.business_error.count',
    tags: tagsOf({
      'db.system.name': textIn(attributes, ...systems),
      'db.namespace': textIn(attributes, 'db.namespace', 'db.name', 'db.instance'),
      'db.operation.name': textIn(attributes, 'db.operation.name', 'db.operation'),
      'db.collection.name': textIn(
        attributes,
        'db.collection.name',
        'db.sql.table',
        'db.mongodb.collection',
        'db.cassandra.table',
      ),
      'db.response.status_code': textIn(attributes, 'db.response.status_code'),
      'server.address': server && bound('server.address', server),
      'error.type': errorTypeOf(attributes) ?? (hasFailed ? other : undefined),
    }),
  }
}
