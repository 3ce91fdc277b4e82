import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from '../cache.ts'
import { fetchArchive } from '../install/maven.ts'
import { freePort } from '../ports.ts'
import type { Step } from '../progress.ts'
import type { ServerCommand } from '../server.ts'
import { findJava } from '../toolchains.ts'
import { versions } from '../versions.ts'

const registryPath = '/apis/ccompat/v7'

/** Apicurio Registry with its schemas in memory. */
export async function prepareRegistry(
  directory: string,
  step: Step,
  signal?: AbortSignal,
): Promise<ServerCommand> {
  const java = await findJava()
  const folder = await cached(`apicurio-${versions.apicurio}`, (target) =>
    fetchArchive(`io.apicurio:apicurio-registry-app:${versions.apicurio}:tar.gz:all`, target, step, signal),
  )
  const runner = (await readdir(folder)).find((name) => name.endsWith('-runner.jar'))!
  const port = await freePort(8081)
  const url = `http://127.0.0.1:${port}${registryPath}`
  return {
    name: 'registry',
    address: url,
    program: java,
    args: [
      '-Xmx256m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-Dquarkus.http.host=127.0.0.1',
      `-Dquarkus.http.port=${port}`,
      '-jar',
      join(folder, runner),
    ],
    logFile: join(directory, 'logs', 'registry.log'),
    isReady: async () => (await fetch(`${url}/subjects`, { signal: AbortSignal.timeout(2_000) })).ok,
  }
}
