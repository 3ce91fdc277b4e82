import { readFile } from 'node:fs/promises'
import { cached, nameOf } from '../cache.ts'
import { unpackDebian } from '../install/debian.ts'
import type { Step } from '../progress.ts'
import { find } from '../toolchains.ts'

/** Each program with what it needs to write to Kafka; rsyslog and syslog-ng exclude one another, but not in a folder. */
const sets = [
  ['rsyslog', 'rsyslog-kafka'],
  ['syslog-ng-core', 'syslog-ng-mod-rdkafka'],
  ['kcat'],
  ['redis-server'],
  ['mariadb-server-core'],
]

/**
 * The agents, and the servers that they watch, that Debian and its kin have in their packages; returns the folder that
 * they lie in as they would under `/`. Undefined where there is no apt.
 */
export async function installDebianAgents(step: Step, signal?: AbortSignal): Promise<string | undefined> {
  if (!(await find('apt-get'))) return undefined
  const release = /^VERSION_CODENAME=(\w+)/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? 'debian'
  return await cached(nameOf(`agents-${release}`, sets), (target) => unpackDebian(sets, target, step, signal))
}
