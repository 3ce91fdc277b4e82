/**
 * What kafkajs 2.2.4 leaves out of an error when a broker refuses something: who asked, for what, and of which topics.
 * Noted on its connections, where all of that meets, before it is loaded: imported by client.ts.
 */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export interface Refusal {
  /** host:port. */
  readonly broker: string
  /** The SASL user; undefined when the client does not say who it is, or says so by its certificate. */
  readonly user: string | undefined
  /** Kafka's name of the request, such as `AddPartitionsToTxn`; undefined when nobody was let in. */
  readonly request?: string
  /** Topics that the answer refuses. */
  readonly topics: readonly string[]
}

const refusals = new WeakMap<object, Refusal>()

/** What was noted of an error of kafkajs. */
export const refusalOf = (error: object): Refusal | undefined => refusals.get(error)

const topicAuthorizationFailed = 29

/** The topics in an answer, of whatever request, under which that code stands. */
export function refusedTopics(answer: unknown): readonly string[] {
  if (typeof answer !== 'object' || answer === null) return []
  if (Array.isArray(answer)) return [...new Set(answer.flatMap(refusedTopics))]
  const { topic, topicName, resourceName, ...rest } = answer as Readonly<Record<string, unknown>>
  const name = topic ?? topicName ?? resourceName
  if (typeof name === 'string') return isRefused(rest) ? [name] : []
  return [...new Set(Object.values(rest).flatMap(refusedTopics))]
}

function isRefused(entry: object): boolean {
  return Object.entries(entry).some(([key, value]) =>
    /errorCode$/i.test(key)
      ? value === topicAuthorizationFailed
      : Array.isArray(value) && value.some((below) => typeof below === 'object' && isRefused(below)),
  )
}

interface Call {
  readonly request: { readonly apiName: string }
  readonly response: { parse(data: unknown): Promise<unknown> }
}
interface Connection {
  readonly broker: string
  readonly sasl: { readonly username?: string } | null
  send(call: Call): Promise<unknown>
  authenticate(): Promise<void>
}
interface BrokerPool {
  withBroker<T>(ask: (broker: unknown) => Promise<T>): Promise<T | null>
}

const note = (error: unknown, connection: Connection, more: Partial<Refusal> = {}) => {
  if (typeof error !== 'object' || error === null || refusals.has(error)) return
  const { broker, sasl } = connection
  refusals.set(error, { broker, user: sasl?.username, topics: [], ...more })
}

const connection = (require('kafkajs/src/network/connection') as { readonly prototype: Connection }).prototype
const { send, authenticate } = connection

connection.send = async function sendNotingRefusals(this: Connection, call: Call) {
  let answer: unknown
  const { response } = call
  const parse = (data: unknown) => {
    answer = data
    return response.parse(data)
  }
  try {
    return await send.call(this, { ...call, response: { ...response, parse } })
  } catch (error) {
    note(error, this, { request: call.request.apiName, topics: refusedTopics(answer) })
    throw error
  }
}

connection.authenticate = async function authenticateNotingRefusals(this: Connection) {
  try {
    await authenticate.call(this)
  } catch (error) {
    note(error, this)
    throw error
  }
}

/** Asking one broker after another, kafkajs forgets what the last one said: a refusal ends as "coordinator not found". */
const pool = (require('kafkajs/src/cluster/brokerPool') as { readonly prototype: BrokerPool }).prototype
const { withBroker } = pool
pool.withBroker = async function withBrokerKeepingRefusals<T>(
  this: BrokerPool,
  ask: (broker: unknown) => Promise<T>,
) {
  let refusal: unknown
  const answer = await withBroker.call(this, (broker) =>
    ask(broker).catch((error: { readonly type?: string }) => {
      if (error.type?.endsWith('_AUTHORIZATION_FAILED')) refusal = error
      throw error
    }),
  )
  if (answer === null && refusal) throw refusal
  return answer as T | null
}
