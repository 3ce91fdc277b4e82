import { mkdir } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { debianLibraries } from '../install/debian.ts'
import { freePort } from '../ports.ts'
import type { ServerCommand } from '../server.ts'

/** An empty MariaDB that knows no users, so that any may ask it, from Debian's packages in `debian`. */
export async function mariadb(debian: string, directory: string): Promise<ServerCommand<'mariadb'>> {
  const port = await freePort(0)
  const data = join(directory, 'mariadb')
  await mkdir(data, { recursive: true })
  return {
    name: 'mariadb',
    address: `127.0.0.1:${port}`,
    program: join(debian, 'usr/sbin/mariadbd'),
    args: [
      '--no-defaults',
      `--user=${userInfo().username}`,
      `--datadir=${data}`,
      `--socket=${join(data, 'socket')}`,
      `--pid-file=${join(data, 'pid')}`,
      `--lc-messages-dir=${join(debian, 'usr/share/mysql')}`,
      '--skip-grant-tables',
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      '--innodb-buffer-pool-size=16M',
      '--innodb-log-file-size=4M',
    ],
    env: { LD_LIBRARY_PATH: debianLibraries(debian) },
    logFile: join(directory, 'mariadb.log'),
    isReady: async (log) => (await log()).includes('ready for connections'),
  }
}
