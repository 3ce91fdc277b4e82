import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached, nameOf } from '../cache.ts'
import { fetchJars } from '../install/maven.ts'
import { freePort } from '../ports.ts'
import type { Step } from '../progress.ts'
import type { ServerCommand } from '../server.ts'
import { findJava } from '../toolchains.ts'

const version = '3.9.5'

/** Fetches ZooKeeper, with two libraries that it needs but does not name, and one to log with; returns the class path. */
export async function installZookeeper(step: Step, signal?: AbortSignal): Promise<string> {
  const artifacts = [
    `org.apache.zookeeper:zookeeper:${version}`,
    'io.dropwizard.metrics:metrics-core:4.1.12.1',
    'org.xerial.snappy:snappy-java:1.1.10.5',
    'org.slf4j:slf4j-simple:2.0.13',
  ]
  const folder = await cached(nameOf(`zookeeper-${version}`, artifacts), (target) =>
    fetchJars(artifacts, target, step, signal),
  )
  return join(folder, 'lib', '*')
}

/** One ZooKeeper that answers `mntr`. */
export async function zookeeper(classPath: string, directory: string): Promise<ServerCommand<'zookeeper'>> {
  const port = await freePort(0)
  const data = join(directory, 'zookeeper')
  const file = join(data, 'zoo.cfg')
  await mkdir(data, { recursive: true })
  const settings = {
    clientPortAddress: '127.0.0.1',
    clientPort: port,
    dataDir: data,
    'admin.enableServer': false,
    '4lw.commands.whitelist': 'mntr',
  }
  await writeFile(
    file,
    Object.entries(settings)
      .map((setting) => setting.join('='))
      .join('\n'),
  )
  return {
    name: 'zookeeper',
    address: `127.0.0.1:${port}`,
    program: await findJava(),
    args: [
      '-Xmx64m',
      '-XX:+UseSerialGC',
      '-cp',
      classPath,
      'org.apache.zookeeper.server.ZooKeeperServerMain',
      file,
    ],
    logFile: join(directory, 'zookeeper.log'),
    isReady: async (log) => (await log()).includes(`binding to port /127.0.0.1:${port}`),
  }
}
