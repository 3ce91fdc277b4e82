import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AclOperation, AclResource, Grant } from '../../shared/kafka/acl.ts'
import kafkajs, { type AclEntry, type Admin } from '../../shared/kafka/kafkajs.ts'
import { isCached } from '../../stack/cache.ts'
import { freePort } from '../../stack/ports.ts'
import { silentProgress } from '../../stack/progress.ts'
import { startServer } from '../../stack/server.ts'
import { type BrokerProperties, kafkaNode, oneNode } from '../../stack/servers/kafka.ts'
import { findJava, findMaven } from '../../stack/toolchains.ts'
import { versions } from '../../stack/versions.ts'
import { type Authority, type Certificate, createAuthority } from './certificates.ts'

const host = '127.0.0.1'

/** A broker that lets in only known users over TLS, and denies what is not granted. */
export interface SecureKafka {
  readonly address: string
  /** The same broker behind certificates that a client must refuse. */
  readonly mistrusted: Readonly<Record<'expired' | 'otherHost' | 'otherAuthority', string>>
  readonly authority: Authority
  /** PEM file of the authority. */
  readonly caFile: string
  /** As the administrator, who may do everything. */
  readonly admin: Admin
  grant(user: string, grants: readonly Grant[]): Promise<void>
  revoke(user: string, grants: readonly Grant[]): Promise<void>
  /** What the broker has logged so far: each refused login and each refused request among it. */
  log(): Promise<string>
  stop(): Promise<void>
}

/** Starts it in a directory of its own, which goes when it stops. `passwords` are those of the users; `admin` must be among them. */
export async function startSecureKafka(
  directory: string,
  passwords: Readonly<Record<string, string>>,
): Promise<SecureKafka> {
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { recursive: true })
  const authority = createAuthority('Tidemark test authority')
  const longAgo = { from: new Date('2020-01-01'), to: new Date('2021-01-01') }
  const certificates = {
    secure: authority.issue(host),
    expired: authority.issue(host, longAgo),
    otherHost: authority.issue('kafka.example.com'),
    otherAuthority: createAuthority('Another authority').issue(host),
  }
  const names = ['secure', 'expired', 'otherHost', 'otherAuthority'] as const
  const [controllerPort, internalPort, ...ports] = (await freePorts(2 + names.length)) as [number, number]
  const listeners = await Promise.all(
    names.map((name, index) => listener(directory, name, ports[index]!, certificates[name])),
  )
  const caFile = join(directory, 'ca.pem')
  await writeFile(caFile, authority.certificate)
  const addresses = Object.fromEntries(
    names.map((name, index) => [name, `${host}:${ports[index]}`]),
  ) as Record<(typeof names)[number], string>
  const { secure, ...mistrusted } = addresses
  const command = await kafkaNode(
    {
      directory,
      address: secure,
      properties: {
        ...oneNode(controllerPort),
        ...brokerProperties(listeners, controllerPort, internalPort),
      },
      formatArguments: Object.entries(passwords).flatMap(([name, password]) => [
        '--add-scram',
        `SCRAM-SHA-512=[name=${name},password=${password}]`,
      ]),
    },
    silentProgress.step(''),
  )
  const server = await startServer(command)
  const admin = new kafkajs.Kafka({
    brokers: [secure],
    ssl: { ca: authority.certificate },
    sasl: { mechanism: 'scram-sha-512', username: 'admin', password: passwords.admin! },
    logLevel: kafkajs.logLevel.NOTHING,
  }).admin()
  await admin.connect()
  return {
    address: secure,
    mistrusted,
    authority,
    caFile,
    admin,
    grant: async (user, grants) => void (await admin.createAcls({ acl: aclsOf(user, grants) })),
    revoke: async (user, grants) => void (await admin.deleteAcls({ filters: aclsOf(user, grants) })),
    log: () => readFile(command.logFile, 'utf8'),
    async stop() {
      await admin.disconnect()
      await server.stop('SIGKILL')
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(await freePort(0))
  return [...ports]
}

interface Listener {
  readonly name: string
  readonly address: string
  readonly keystore: string
}

async function listener(
  directory: string,
  name: string,
  port: number,
  { key, certificate }: Certificate,
): Promise<Listener> {
  const keystore = join(directory, `${name}.pem`)
  await writeFile(keystore, key + certificate)
  return { name: name.toUpperCase(), address: `${host}:${port}`, keystore }
}

function brokerProperties(
  listeners: readonly Listener[],
  controllerPort: number,
  internalPort: number,
): BrokerProperties {
  const forClients = listeners.map(({ name, address }) => `${name}://${address}`)
  const internal = `INTERNAL://${host}:${internalPort}`
  return {
    listeners: [...forClients, internal, `CONTROLLER://${host}:${controllerPort}`].join(','),
    'advertised.listeners': [...forClients, internal].join(','),
    'listener.security.protocol.map': [
      ...listeners.map(({ name }) => `${name}:SASL_SSL`),
      'INTERNAL:PLAINTEXT',
      'CONTROLLER:PLAINTEXT',
    ].join(','),
    'inter.broker.listener.name': 'INTERNAL',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': false,
    // The broker speaks to itself as nobody, on listeners that no client is told of.
    'super.users': 'User:admin;User:ANONYMOUS',
    ...Object.assign(
      {},
      ...listeners.map(({ name, keystore }) => {
        const prefix = `listener.name.${name.toLowerCase()}`
        return {
          [`${prefix}.ssl.keystore.type`]: 'PEM',
          [`${prefix}.ssl.keystore.location`]: keystore,
          [`${prefix}.scram-sha-512.sasl.jaas.config`]:
            'org.apache.kafka.common.security.scram.ScramLoginModule required;',
        }
      }),
    ),
  }
}

const resourceTypes: Readonly<Record<AclResource, number>> = {
  topic: kafkajs.AclResourceTypes.TOPIC,
  group: kafkajs.AclResourceTypes.GROUP,
  'transactional-id': kafkajs.AclResourceTypes.TRANSACTIONAL_ID,
}
const operationTypes: Readonly<Record<AclOperation, number>> = {
  Read: kafkajs.AclOperationTypes.READ,
  Write: kafkajs.AclOperationTypes.WRITE,
  Create: kafkajs.AclOperationTypes.CREATE,
  Describe: kafkajs.AclOperationTypes.DESCRIBE,
  DescribeConfigs: kafkajs.AclOperationTypes.DESCRIBE_CONFIGS,
}

const aclsOf = (user: string, grants: readonly Grant[]): AclEntry[] =>
  grants.flatMap(({ resource, name, match, operations }) =>
    operations.map((operation) => ({
      principal: `User:${user}`,
      host: '*',
      operation: operationTypes[operation],
      permissionType: kafkajs.AclPermissionTypes.ALLOW,
      resourceType: resourceTypes[resource],
      resourceName: name,
      resourcePatternType:
        match === 'prefixed' ? kafkajs.ResourcePatternTypes.PREFIXED : kafkajs.ResourcePatternTypes.LITERAL,
    })),
  )

/** The sentence that says why this machine can't run it, or undefined: unlike the other servers it needs Java here even beside Docker. */
export async function whySecureKafkaCannotRun(): Promise<string | undefined> {
  try {
    await findJava()
    if (!(await isCached(`kafka-${versions.kafka}`))) await findMaven()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
