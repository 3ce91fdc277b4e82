import { readFileSync } from 'node:fs'
import { Client, errors } from '@elastic/elasticsearch'
import { RetryableError } from '../errors.ts'
import type { ElasticsearchConfig } from './config.ts'
import type { IndexTemplate } from './index-template.ts'

/** A document on its way in. */
export interface BulkItem {
  readonly index: string
  readonly id: string
  /** As JSON. */
  readonly document: string
  /** Given: replaces what is there with a lower or the same version. Absent: only made when it is not there. */
  readonly version?: number
}

/** What became of a document. `present` means that it, or a newer version, was there already. */
type BulkOutcome =
  | { readonly kind: 'written' }
  | { readonly kind: 'present' }
  | { readonly kind: 'refused'; readonly reason: string }

export interface ElasticsearchClient {
  /**
   * Writes documents and waits for the word on each. Throws RetryableError when there is none, or when the server is
   * too busy for some: writing all again is harmless, since documents have ids.
   */
  bulk(items: readonly BulkItem[], signal?: AbortSignal): Promise<readonly BulkOutcome[]>
  /** Makes an index template, or replaces it by a newer version. */
  putTemplate(name: string, template: IndexTemplate): Promise<void>
  /** The documents that match a query, newest data included. */
  search<T>(
    index: string,
    query: object,
    size: number,
  ): Promise<{ readonly total: number; readonly documents: readonly T[] }>
  /** Throws RetryableError unless the cluster can take documents. */
  ping(): Promise<void>
}

export function connectElasticsearch(config: ElasticsearchConfig): ElasticsearchClient {
  const client = new Client({
    node: config.url,
    requestTimeout: config.timeoutMs,
    // The worker runtime retries: a retry that nobody sees would hide how slow the server is.
    maxRetries: 0,
    compression: true,
    ...(config.caFile && { tls: { ca: readFileSync(config.caFile) } }),
    ...authOf(config),
  })
  const ask = async <T>(doing: string, question: () => Promise<T>): Promise<T> => {
    try {
      return await question()
    } catch (error) {
      throw new RetryableError('Elasticsearch', `${doing} ${config.url}: ${sentenceOf(error)}`, {
        cause: error,
      })
    }
  }
  return {
    bulk: (items, signal) => ask('writing to', () => bulk(client, items, signal)),
    putTemplate: (name, template) =>
      ask(`installing the index template ${name} at`, async () => {
        await client.indices.putIndexTemplate({ name, ...template })
      }),
    search: <T>(index: string, query: object, size: number) =>
      ask('searching', async () => {
        await client.indices.refresh({ index, ignore_unavailable: true, allow_no_indices: true })
        const { hits } = await client.search<T>({
          index,
          size,
          query,
          ignore_unavailable: true,
          allow_no_indices: true,
          track_total_hits: true,
        })
        const total = typeof hits.total === 'number' ? hits.total : (hits.total?.value ?? 0)
        return { total, documents: hits.hits.map((hit) => ({ ...hit._source!, _id: hit._id })) }
      }),
    ping: () =>
      ask('asking', async () => {
        // Not info() or ping(): a proxy, or the core distribution, may not answer GET /.
        await client.cluster.health({ wait_for_status: 'yellow', timeout: '5s' })
      }),
  }
}

/** Answers that mean that something in the request is at fault, not the server: one item, or its size. */
const faultsOfRequest: ReadonlySet<number | undefined> = new Set([400, 413])

/** A request that is refused as a whole is halved until the items at fault are alone: the others must not wait for them. */
async function bulk(
  client: Client,
  items: readonly BulkItem[],
  signal?: AbortSignal,
): Promise<readonly BulkOutcome[]> {
  try {
    return await bulkRequest(client, items, signal)
  } catch (error) {
    if (!(error instanceof errors.ResponseError) || !faultsOfRequest.has(error.statusCode)) throw error
    if (items.length === 1)
      return [{ kind: 'refused', reason: error.message.replace(/\s+/g, ' ').slice(0, 500) }]
    const half = Math.ceil(items.length / 2)
    return [
      ...(await bulk(client, items.slice(0, half), signal)),
      ...(await bulk(client, items.slice(half), signal)),
    ]
  }
}

async function bulkRequest(
  client: Client,
  items: readonly BulkItem[],
  signal?: AbortSignal,
): Promise<readonly BulkOutcome[]> {
  // The client takes texts for what they are: lines of JSON.
  const operations: string[] = []
  for (const { index, id, document, version } of items) {
    const place = { _index: index, _id: id }
    const operation =
      version === undefined
        ? { create: place }
        : { index: { ...place, version, version_type: 'external_gte' } }
    operations.push(JSON.stringify(operation), document)
  }
  const answer = await client.bulk({ operations }, signal ? { signal } : {})
  return answer.items.map((item) => {
    const { status, error } = Object.values(item)[0]!
    if (status === 409) return { kind: 'present' }
    if (status === 429 || status >= 500)
      throw new Error(`it is too busy (${status}: ${error?.reason ?? error?.type})`)
    return status < 300 ? { kind: 'written' } : { kind: 'refused', reason: reasonOf(error) }
  })
}

function reasonOf(
  error:
    | {
        readonly type?: string
        readonly reason?: string | null
        readonly caused_by?: { readonly reason?: string | null }
      }
    | undefined,
): string {
  return [error?.type, error?.reason, error?.caused_by?.reason].filter(Boolean).join(': ')
}

function authOf({ apiKey, username, password }: ElasticsearchConfig) {
  if (apiKey) return { auth: { apiKey } }
  return username ? { auth: { username, password: password ?? '' } } : {}
}

function sentenceOf(error: unknown): string {
  if (error instanceof errors.ResponseError) {
    if (error.statusCode === 401 || error.statusCode === 403) {
      return `it refuses the credentials (${error.statusCode}): check elasticsearch.username and password, or apiKey, and that they may write to these indices`
    }
    return `it answers ${error.statusCode}: ${error.message.split('\n')[0]}`
  }
  return (error as Error).message || String(error)
}
