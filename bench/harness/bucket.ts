import type { InfluxConfig } from '../../shared/influx/config.ts'

/** Makes a bucket of its own in a running InfluxDB; returns what removes it. Throws Error with the server's words. */
export async function createBucket(
  { url, token = '', org, bucket }: InfluxConfig,
  name = bucket,
): Promise<() => Promise<void>> {
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}/api/v2/${path}`, {
      method,
      headers: { Authorization: `Token ${token}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok)
      throw new Error(`InfluxDB at ${url} answered ${method} ${path} with ${response.status}: ${text}`)
    return text ? JSON.parse(text) : undefined
  }
  const found = (await ask('GET', `orgs?org=${encodeURIComponent(org)}`)) as {
    readonly orgs: readonly { readonly id: string }[]
  }
  const made = (await ask('POST', 'buckets', { orgID: found.orgs[0]!.id, name, retentionRules: [] })) as {
    readonly id: string
  }
  return async () => {
    await ask('DELETE', `buckets/${made.id}`)
  }
}
