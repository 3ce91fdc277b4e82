import { join } from 'node:path'
import { debianLibraries } from '../install/debian.ts'
import { freePort } from '../ports.ts'
import type { ServerCommand } from '../server.ts'

/** A Redis that keeps nothing on disk, from Debian's packages in `debian`. */
export async function redis(debian: string, directory: string): Promise<ServerCommand<'redis'>> {
  const port = await freePort(0)
  return {
    name: 'redis',
    address: `tcp://127.0.0.1:${port}`,
    program: join(debian, 'usr/bin/redis-server'),
    args: ['--bind', '127.0.0.1', '--port', `${port}`, '--save', '', '--dir', directory],
    env: { LD_LIBRARY_PATH: debianLibraries(debian) },
    logFile: join(directory, 'redis.log'),
    isReady: async (log) => (await log()).includes('Ready to accept connections'),
  }
}
