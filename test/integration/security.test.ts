import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Role, rolesOf } from '../../cli/grants.ts'
import { loadAll } from '../../cli/sections.ts'
import type { ServiceName } from '../../cli/services.ts'
import { connectElasticsearch } from '../../shared/elasticsearch/client.ts'
import { connectInflux } from '../../shared/influx/client.ts'
import {
  eventually,
  type Installation,
  install,
  logDirectory,
  newName,
  producerFor,
  type RunningService,
  startService,
  stopServices,
} from '../support/pipeline.ts'
import { ServerProxy } from '../support/proxy.ts'
import {
  bytesOfTopics,
  clientEnvironment,
  type Ended,
  newSecret,
  tidemark,
  withEnvironment,
} from '../support/secure-install.ts'
import { type SecureKafka, startSecureKafka, whySecureKafkaCannotRun } from '../support/secure-kafka.ts'
import { stack, withoutInflux } from '../support/stack.ts'
import { type TlsProxy, tlsProxy } from '../support/tls-proxy.ts'

const unable = await whySecureKafkaCannotRun()
if (unable) process.stderr.write(`! The security tests are skipped: ${unable}\n`)

const name = newName()
const directory = join(process.cwd(), '.tidemark', 'secure-kafka')
const rawTopics = [`${name}.raw.metrics`, `${name}.raw.logs`]
const roles: ReadonlyMap<string, Role> = new Map(rolesOf(name, rawTopics).map((role) => [role.name, role]))
const services: readonly ServiceName[] = [
  'normalizer',
  'aggregator',
  'detector',
  ...(withoutInflux() ? [] : (['influx-sink'] as const)),
  'elasticsearch-sink',
]

/** Users are called like their roles; the newcomer has no rights. */
const passwords = Object.fromEntries(
  ['admin', 'newcomer', ...roles.keys()].map((user) => [user, newSecret()] as const),
)
const wrongPassword = newSecret()
const otherSecrets = { registry: newSecret(), elasticsearch: newSecret() }

/** All that the processes of these tests have said anywhere, to be searched at the end. */
const said: string[] = []

let kafka: SecureKafka
let installation: Installation
const proxies: TlsProxy[] = []

const environmentOf = (user: string, password = passwords[user]!, address = kafka.address) =>
  clientEnvironment({ ...kafka, address }, join(directory, 'clients'), user, password)

const ended = async (args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> => {
  const result = await tidemark(args, { ...installation.env, ...env, TIDEMARK_HTTP_PORT: '0' })
  said.push(result.output, result.complaint)
  return result
}

const ask = async ({ url }: RunningService, path: string) => {
  const text = await (await fetch(`${url}${path}`)).text()
  said.push(text)
  return text
}

const reasons = async (service: RunningService) =>
  (JSON.parse(await ask(service, '/ready')) as { readonly reasons: readonly string[] }).reasons.join('\n')

/** Everything behind TLS, with credentials even where the test's servers do not ask for them. */
async function secureSettings(): Promise<Readonly<Record<string, string>>> {
  const { registry, influx, elasticsearch } = stack()
  const behindTls = async (url: string) => {
    const proxy = await tlsProxy(url, kafka.authority.issue('127.0.0.1'))
    proxies.push(proxy)
    return proxy.url
  }
  return {
    TIDEMARK_REGISTRY_URL: await behindTls(registry.url),
    TIDEMARK_REGISTRY_CA_FILE: kafka.caFile,
    TIDEMARK_REGISTRY_USERNAME: 'tidemark',
    TIDEMARK_REGISTRY_PASSWORD: otherSecrets.registry,
    TIDEMARK_ELASTICSEARCH_URL: await behindTls(elasticsearch.url),
    TIDEMARK_ELASTICSEARCH_CA_FILE: kafka.caFile,
    TIDEMARK_ELASTICSEARCH_USERNAME: 'tidemark',
    TIDEMARK_ELASTICSEARCH_PASSWORD: otherSecrets.elasticsearch,
    ...(influx && {
      TIDEMARK_INFLUX_URL: await behindTls(influx.url),
      TIDEMARK_INFLUX_CA_FILE: kafka.caFile,
    }),
    TIDEMARK_LOG_LEVEL: 'debug',
    TIDEMARK_TOPICS_PARTITIONS: '1',
    TIDEMARK_WORKER_MAX_RETRY_BACKOFF_MS: '500',
  }
}

describe.skipIf(unable)('Kafka with TLS, SCRAM and access control lists', () => {
  beforeAll(async () => {
    kafka = await startSecureKafka(directory, passwords)
    for (const { name: user, grants } of roles.values()) await kafka.grant(user, grants)
    installation = await install(
      { ...(await secureSettings()), ...(await environmentOf('operator')) },
      { name },
    )
  })
  afterAll(async () => {
    await stopServices()
    await Promise.all(proxies.map((proxy) => proxy.close()))
    await kafka?.stop()
  })

  it('carries a point and a log to the stores, each service with the rights that are documented', async () => {
    const running = await Promise.all(
      services.map(async (service) =>
        startService(withEnvironment(installation, await environmentOf(service)), service),
      ),
    )
    // At the beginning of a minute: at its end, the window of the whole minute would be a second row.
    const time = Math.floor(Date.now() / 60_000 - 1) * 60_000
    const producer = await producerFor(await seenBy('agent'))
    await producer.send(installation.rawMetrics, [{ value: `${name} n=7 ${time}000000` }])
    await producer.send(installation.rawLogs, [
      { value: JSON.stringify({ '@timestamp': new Date(time).toISOString(), message: 'let in' }) },
    ])
    await producer.close()
    const elasticsearch = connectElasticsearch(installation.config.elasticsearch)
    const logs = await eventually(
      async () => (await elasticsearch.search(`${name}-logs-*`, { match: { message: 'let in' } }, 1)).total,
      (count) => count === 1,
    )
    const rows = withoutInflux()
      ? 1
      : await eventually(
          async () =>
            (
              await connectInflux(installation.config.influx).query(
                `from(bucket: "telemetry") |> range(start: -1h) |> filter(fn: (r) => r._measurement == "${name}.n" and r._field == "count")`,
              )
            ).length,
          (count) => count === 1,
        )
    for (const service of running) for (const path of ['/ready', '/metrics']) await ask(service, path)
    const statuses = await Promise.all(running.map((service) => service.stop()))
    expect({ logs, rows, statuses }).toEqual({ logs: 1, rows: 1, statuses: services.map(() => 0) })
  })

  it.concurrent('is in order for the operator', async () => {
    const { status, output } = await ended(['doctor'], {})
    expect({ status, troubles: output.split('\n').filter((line) => line.startsWith('✖')) }).toEqual({
      status: 0,
      troubles: [],
    })
  })

  it.concurrent.each([
    {
      what: 'a wrong password',
      password: wrongPassword,
      address: () => kafka.address,
      sentence:
        'does not let in the user “normalizer”: the user name or the password is wrong; check kafka.sasl.username, kafka.sasl.password and kafka.sasl.mechanism',
      attempts: 1,
    },
    {
      what: 'an expired certificate',
      address: () => kafka.mistrusted.expired,
      sentence: 'has expired: renew it on the broker',
      attempts: 9,
    },
    {
      what: 'a certificate of an unknown authority',
      address: () => kafka.mistrusted.otherAuthority,
      sentence:
        'is signed by an authority that is not trusted here: set kafka.tls.caFile to the PEM file of the authority that signs the brokers’ certificates',
      attempts: 9,
    },
    {
      what: 'a certificate for another host',
      address: () => kafka.mistrusted.otherHost,
      sentence:
        "is for another name (IP: 127.0.0.1 is not in the cert's list): name the brokers in kafka.brokers as their certificates do, or set kafka.tls.serverName",
      attempts: 9,
    },
  ])(
    '$what ends the start with one sentence and status 2',
    async ({ password, address, sentence, attempts }) => {
      const proxy = await ServerProxy.before(`tcp://${address()}`)
      const { status, complaint } = await ended(
        ['normalizer'],
        await environmentOf('normalizer', password, new URL(proxy.url).host),
      )
      await proxy.cut()
      const lines = complaint.trimEnd().split('\n')
      expect({ status, lines: lines.length }).toEqual({ status: 2, lines: 1 })
      expect(complaint).toMatch(
        /^Kafka can't be used: connecting to Kafka: the (certificate of the )?broker 127\.0\.0\.1:\d+ /,
      )
      expect(complaint).toContain(`${sentence}.`)
      expect(proxy.connections).toBeLessThanOrEqual(attempts)
    },
  )

  it('says which right is missing, asks again seldom, and goes on once it is granted', async () => {
    const user = 'newcomer'
    const { grants } = roles.get('normalizer')!
    const of = (resource: string) => grants.filter((grant) => grant.resource === resource)
    const writePoints = grants.filter((grant) => grant.name === installation.topics.points.name)
    const otherTopics = of('topic').filter((grant) => !writePoints.includes(grant))
    const readMetrics = grants.filter((grant) => grant.name === installation.rawMetrics)
    const service = await startService(
      withEnvironment(installation, await environmentOf(user)),
      'normalizer',
      { ready: false },
    )
    /** In /ready, and three times in the log. */
    const says = async (right: string) => {
      const sentence = `User:newcomer lacks ${right}: \`tidemark topics acls\` prints how to grant it`
      const ready = await eventually(
        () => reasons(service),
        (text) => text.includes(sentence),
        40_000,
      )
      expect(ready).toContain(sentence)
      await eventually(
        warnings,
        (found) => found.filter(({ msg }) => msg.includes(sentence)).length >= 3,
        40_000,
      )
    }
    const isReady = async () =>
      expect(
        await eventually(
          () => reasons(service),
          (text) => text === '',
          40_000,
        ),
      ).toBe('')

    await says(`Describe on the topic ${installation.rawMetrics} (TOPIC_AUTHORIZATION_FAILED)`)
    await kafka.grant(user, otherTopics)
    await kafka.grant(
      user,
      [...writePoints, ...readMetrics].map((grant) => ({ ...grant, operations: ['Describe'] })),
    )
    await says('Read on its consumer group (GROUP_AUTHORIZATION_FAILED)')
    await kafka.grant(user, of('group'))
    await says('Write on its transactional ids (TRANSACTIONAL_ID_AUTHORIZATION_FAILED)')
    await kafka.grant(user, of('transactional-id'))
    await isReady()
    const producer = await producerFor(await seenBy('agent'))
    await producer.send(installation.rawMetrics, [{ value: `${name} n=8` }])
    await producer.close()
    await says(`Write on the topic ${installation.topics.points.name} (TOPIC_AUTHORIZATION_FAILED)`)
    await kafka.grant(user, writePoints)
    // More than one: it also says there how far it has read.
    const written = (text: string) =>
      Number(
        text
          .split(`tidemark_records_out_total{topic="${installation.topics.points.name}"} `)[1]
          ?.split('\n')[0],
      )
    expect(
      written(
        await eventually(
          () => ask(service, '/metrics'),
          (text) => written(text) > 0,
          40_000,
        ),
      ),
    ).toBeGreaterThan(0)
    await kafka.revoke(user, readMetrics)
    await says(`Read on the topic ${installation.rawMetrics} (TOPIC_AUTHORIZATION_FAILED)`)
    await kafka.grant(user, readMetrics)
    await isReady()
    await service.stop()

    const times = Map.groupBy(await warnings(), ({ msg }) => msg)
    const pauses = [...times.values()].flatMap((lines) =>
      lines.slice(1).map(({ time }, index) => Date.parse(time) - Date.parse(lines[index]!.time)),
    )
    // One at least for each of the five rights: what lacks one may say so in two ways, by where it met it.
    expect(pauses.length).toBeGreaterThanOrEqual(5)
    // worker.maxRetryBackoffMs, less what a timer may be early.
    expect(Math.min(...pauses)).toBeGreaterThan(490)
    const denials = (await kafka.log()).match(/Principal = User:newcomer is Denied/g)!.length
    expect(denials).toBeLessThanOrEqual(2 * (await warnings()).length)
  })

  it('no secret stands in logs, metrics, complaints, topics or commits', async () => {
    const { output: shown } = await ended(['config', 'show'], await environmentOf('normalizer'))
    for (const file of await readdir(logDirectory(name)))
      said.push(await readFile(join(logDirectory(name), file), 'utf8'))
    said.push(await kafka.log())
    const topics = (await kafka.admin.listTopics()).filter((topic) => topic.startsWith(name))
    said.push((await bytesOfTopics((await seenBy('admin')).config.kafka, kafka, topics)).toString('latin1'))
    // Commit metadata and group members stand unpacked in the internal topics.
    const data = join(directory, 'kafka', 'data')
    for (const file of await readdir(data, { recursive: true }))
      if (file.endsWith('.log')) said.push(await readFile(join(data, file), 'latin1'))

    const everything = said.join('\n')
    const secrets = [
      ...Object.values(passwords),
      ...Object.values(otherSecrets),
      wrongPassword,
      ...(stack().influx ? [stack().influx!.token] : []),
    ]
    const forms = (secret: string) => [
      secret,
      ...['', 'tidemark:'].map((user) => Buffer.from(user + secret).toString('base64')),
    ]
    expect(secrets.filter((secret) => forms(secret).some((form) => everything.includes(form)))).toEqual([])
    // The search would have found something: what is no secret is there.
    expect(shown).toContain('********')
    expect(everything).toContain(`${name}-normalizer`)
    expect(everything).toContain('let in')
  })

  /** What services have logged of the newcomer's missing rights. */
  async function warnings(): Promise<readonly { readonly time: string; readonly msg: string }[]> {
    const lines = (await readFile(join(logDirectory(name), 'normalizer.log'), 'utf8')).split('\n')
    return lines
      .filter((line) => line.includes('"level":"warn"') && line.includes('newcomer lacks'))
      .map((line) => JSON.parse(line))
  }

  async function seenBy(user: string): Promise<Installation> {
    const env = { ...installation.env, ...(await environmentOf(user)) }
    return { ...installation, env, config: loadAll({ env, cwd: '/' }) }
  }
})
