import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { installInfluxdb } from '../install/influxdb.ts'
import { freePort } from '../ports.ts'
import type { Step } from '../progress.ts'
import type { ServerCommand } from '../server.ts'
import type { InfluxToolchain } from '../toolchains.ts'

interface InfluxAccess {
  readonly url: string
  readonly token: string
  readonly org: string
  readonly bucket: string
}

/** One InfluxDB 2 server. */
export async function prepareInfluxdb(
  directory: string,
  toolchain: InfluxToolchain,
  step: Step,
  signal?: AbortSignal,
): Promise<ServerCommand> {
  const program = await installInfluxdb(toolchain, step, signal)
  const port = await freePort(8086)
  const data = join(directory, 'influxdb')
  await mkdir(data, { recursive: true })
  const url = `http://127.0.0.1:${port}`
  return {
    name: 'influxdb',
    address: url,
    program,
    args: [
      `--http-bind-address=127.0.0.1:${port}`,
      `--bolt-path=${join(data, 'influxd.bolt')}`,
      `--sqlite-path=${join(data, 'influxd.sqlite')}`,
      `--engine-path=${join(data, 'engine')}`,
      '--reporting-disabled',
    ],
    logFile: join(directory, 'logs', 'influxdb.log'),
    isReady: async () => (await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) })).ok,
  }
}

/** Makes organization, bucket and a token of a new server. */
export async function setUpInfluxdb(url: string): Promise<InfluxAccess> {
  const access = { url, token: randomBytes(32).toString('hex'), org: 'tidemark', bucket: 'telemetry' }
  const response = await fetch(`${url}/api/v2/setup`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...access, username: 'tidemark', password: randomBytes(24).toString('hex') }),
  })
  if (!response.ok)
    throw new Error(`InfluxDB at ${url} refused its set-up: ${response.status} ${await response.text()}`)
  return access
}
