/** What the summary shows of one service. */
export interface ServiceSample {
  readonly name: string
  readonly ready: boolean
  /** Why it is not ready. */
  readonly reason: string
  readonly recordsIn: number
  readonly recordsOut: number
  readonly rejected: number
  readonly lag: number
  /** Milliseconds since 1970. */
  readonly at: number
}

const timeoutMs = 1_500

/** Asks a service for its metrics and whether it is ready; undefined while it does not answer. */
export async function scrape(name: string, url: string): Promise<ServiceSample | undefined> {
  try {
    const [metrics, ready] = await Promise.all([get(`${url}/metrics`), get(`${url}/ready`)])
    const text = await metrics.text()
    const { reasons } = (await ready.json()) as { readonly reasons: readonly string[] }
    return {
      name,
      ready: ready.status === 200,
      reason: reasons[0] ?? '',
      recordsIn: sumOf(text, 'tidemark_records_in_total'),
      recordsOut: sumOf(text, 'tidemark_records_out_total'),
      rejected: sumOf(text, 'tidemark_records_rejected_total'),
      lag: sumOf(text, 'tidemark_lag_records'),
      at: Date.now(),
    }
  } catch {
    return undefined
  }
}

const get = (url: string) => fetch(url, { signal: AbortSignal.timeout(timeoutMs) })

/** All samples of one metric in Prometheus text, added up. */
export function sumOf(text: string, metric: string): number {
  let sum = 0
  for (const line of text.split('\n')) {
    if (line.startsWith(metric) && (line[metric.length] === '{' || line[metric.length] === ' '))
      sum += Number(line.slice(line.lastIndexOf(' ')))
  }
  return sum
}
