import { chmod, chown, cp, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { cached } from '../cache.ts'
import { fetchArchive } from '../install/maven.ts'
import { freePort } from '../ports.ts'
import type { Step } from '../progress.ts'
import type { ServerCommand } from '../server.ts'
import { findJava } from '../toolchains.ts'
import { versions } from '../versions.ts'

/** The user `nobody`, in whose name Elasticsearch runs when we are root: it refuses to be root. */
const nobody = 65_534

interface ElasticsearchServer {
  readonly command: ServerCommand
  /** Holds its files; outside of the stack's directory when we are root. */
  readonly folder: string
}

/** One Elasticsearch node: the core distribution, without X-Pack, so without security. */
export async function prepareElasticsearch(
  directory: string,
  step: Step,
  signal?: AbortSignal,
): Promise<ElasticsearchServer> {
  const java = await findJava()
  const artifact = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${versions.elasticsearch}:zip`
  const folder = await cached(`elasticsearch-${versions.elasticsearch}`, (target) =>
    fetchArchive(artifact, target, step, signal),
  )
  const original = join(folder, `elasticsearch-${versions.elasticsearch}`)
  const asRoot = process.getuid?.() === 0
  // Root's home and what is below it are closed to others, so everything goes where `nobody` can read it.
  const place = asRoot
    ? await mkdtemp(join(tmpdir(), 'tidemark-elasticsearch-'))
    : join(directory, 'elasticsearch')
  const home = join(place, 'home')
  step.update('laying out its files')
  await cp(original, home, { recursive: true })
  await chmod(join(home, 'bin', 'elasticsearch'), 0o755)
  await Promise.all(['data', 'logs'].map((name) => mkdir(join(place, name), { recursive: true })))
  const port = await freePort(9200)
  await writeFile(join(home, 'config', 'elasticsearch.yml'), settingsOf(port, await freePort(9300), place))
  if (asRoot) await own(place)
  const url = `http://127.0.0.1:${port}`
  return {
    command: {
      name: 'elasticsearch',
      address: url,
      program: join(home, 'bin', 'elasticsearch'),
      args: [],
      env: {
        ES_JAVA_HOME: dirname(dirname(java)),
        ES_JAVA_OPTS: `-Xms${heap()} -Xmx${heap()} -XX:-UseG1GC -XX:+UseSerialGC -XX:-AlwaysPreTouch`,
        ...(asRoot && { HOME: place }),
      },
      ...(asRoot && { uid: nobody }),
      logFile: join(directory, 'logs', 'elasticsearch.log'),
      isReady: async () =>
        (
          await fetch(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`, {
            signal: AbortSignal.timeout(3_000),
          })
        ).ok,
    },
    folder: place,
  }
}

const heap = () => process.env.TIDEMARK_STACK_ELASTICSEARCH_HEAP ?? '384m'

const settingsOf = (port: number, transportPort: number, place: string) =>
  `discovery.type: single-node
network.host: 127.0.0.1
http.port: ${port}
transport.port: ${transportPort}
path.data: ${join(place, 'data')}
path.logs: ${join(place, 'logs')}
xpack.security.enabled: false
cluster.routing.allocation.disk.threshold_enabled: false
`

async function own(place: string): Promise<void> {
  await chown(place, nobody, nobody)
  for (const entry of await readdir(place, { recursive: true, withFileTypes: true })) {
    await chown(join(entry.parentPath, entry.name), nobody, nobody)
  }
}
