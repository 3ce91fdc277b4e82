import { readFile } from 'node:fs/promises'
import type { Collector, Measurement } from '../collector.ts'

const timeoutMs = 2_000

const get = async (url: string) => {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
  if (!response.ok) throw new Error(`${url} answers ${response.status}`)
  return response
}

/** How long a request took, as a health metric that every server has. */
async function timed(url: string): Promise<{ readonly text: string; readonly ms: number }> {
  const started = performance.now()
  const text = await (await get(url)).text()
  return { text, ms: performance.now() - started }
}

/** Heap, documents and load of an Elasticsearch node. */
export const elasticsearch = (url: string): Collector => ({
  name: 'elasticsearch',
  everySeconds: 5,
  async collect() {
    const { text, ms } = await timed(`${url}/_nodes/_local/stats/jvm,indices,process`)
    const { nodes } = JSON.parse(text) as { readonly nodes: Readonly<Record<string, NodeStats>> }
    return Object.values(nodes).map(
      ({ name, jvm, indices, process }): Measurement => ({
        name: 'elasticsearch',
        tags: { node_name: name },
        fields: {
          response_ms: ms,
          jvm_heap_used_bytes: { integer: jvm.mem.heap_used_in_bytes },
          jvm_heap_used_percent: jvm.mem.heap_used_percent,
          docs_count: { integer: indices.docs.count },
          indexing_total: { integer: indices.indexing.index_total },
          search_query_total: { integer: indices.search.query_total },
          process_cpu_percent: process.cpu.percent,
          open_file_descriptors: { integer: process.open_file_descriptors },
        },
      }),
    )
  },
})

interface NodeStats {
  readonly name: string
  readonly jvm: { readonly mem: { readonly heap_used_in_bytes: number; readonly heap_used_percent: number } }
  readonly indices: {
    readonly docs: { readonly count: number }
    readonly indexing: { readonly index_total: number }
    readonly search: { readonly query_total: number }
  }
  readonly process: { readonly cpu: { readonly percent: number }; readonly open_file_descriptors: number }
}

/** A few samples, by name, of a server that exposes Prometheus text; samples of one name are added up. */
export const prometheus = (name: string, url: string, wanted: readonly string[]): Collector => ({
  name,
  everySeconds: 5,
  async collect() {
    const { text, ms } = await timed(url)
    const sums = new Map<string, number>()
    for (const line of text.split('\n')) {
      const match = /^([a-zA-Z_:][\w:]*)(?:\{.*\})? (\S+)/.exec(line)
      if (match && wanted.includes(match[1]!))
        sums.set(match[1]!, (sums.get(match[1]!) ?? 0) + Number(match[2]))
    }
    return [{ name, tags: {}, fields: { response_ms: ms, ...Object.fromEntries(sums) } }]
  },
})

/** The samples of InfluxDB that tell how it is. */
export const influxSamples = [
  'go_goroutines',
  'go_memstats_heap_inuse_bytes',
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'http_api_requests_total',
  'storage_shard_disk_size',
]

/** The samples of the registry that tell how it is. */
export const registrySamples = [
  'jvm_memory_used_bytes',
  'jvm_threads_live_threads',
  'process_cpu_usage',
  'http_server_requests_seconds_count',
]

/** CPU, memory and threads of a process, from /proc: for servers that expose nothing, such as a Kafka broker without JMX. */
export const processStats = (name: string, pid: number): Collector => ({
  name,
  async collect() {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // Behind the program's name, which may hold spaces: state is field 3 of proc_pid_stat(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const at = (field: number) => Number(fields[field - 3])
    const ticksPerSecond = 100
    const pageBytes = 4_096
    return [
      {
        name: 'procstat',
        tags: { process_name: name },
        fields: {
          cpu_seconds: (at(14) + at(15)) / ticksPerSecond,
          memory_rss: { integer: at(24) * pageBytes },
          num_threads: { integer: at(20) },
          major_faults: { integer: at(12) },
        },
      },
    ]
  },
})
