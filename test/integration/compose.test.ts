import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allSections } from '../../cli/sections.ts'
import { services } from '../../cli/services.ts'
import { variableOf } from '../../shared/config/environment.ts'
import { settingsOf } from '../../shared/config/section.ts'
import { run } from '../../stack/command.ts'
import { find } from '../../stack/toolchains.ts'
import { versions } from '../../stack/versions.ts'

interface ComposeService {
  readonly image: string
  readonly build?: object
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly {
    readonly host_ip?: string
    readonly target: number
    readonly published: string
  }[]
  readonly restart?: string
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly security_opt?: readonly string[]
}

const root = join(import.meta.dirname, '..', '..')
const go = await find('go')

/** docker-compose.yml, read by Compose's own parser, which comes from the Go module proxy. */
describe.skipIf(!go)('docker-compose.yml', () => {
  let directory: string
  let composed: Readonly<Record<string, ComposeService>>

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tidemark-compose-'))
    const parser = join(directory, 'parser')
    await run(go!, ['build', '-o', parser, '.'], { cwd: join(root, 'test', 'compose') })
    const text = await run(parser, [join(root, 'docker-compose.yml')], { env: { PATH: process.env.PATH } })
    composed = (JSON.parse(text) as { readonly services: typeof composed }).services
  }, 300_000)
  afterAll(() => rm(directory, { recursive: true, force: true }))

  const ours = () => Object.entries(composed).filter(([, { build }]) => build)

  it('has each of our services, by its name', () => {
    const commands = ours().map(([name, { command }]) => [name, command?.[0]])
    for (const { name } of services) expect(commands).toContainEqual([name, name])
  })

  it('pins every image to an exact version', () => {
    for (const { image } of Object.values(composed)) expect(image).toMatch(/:\d+\.\d+\.\d+(\.Final)?$/)
  })

  it('has the servers in the versions that are started without Docker', () => {
    const version = (name: string) => composed[name]!.image.split(':').at(-1)
    expect({
      kafka: version('kafka'),
      apicurio: version('registry'),
      influxdb: version('influxdb'),
      elasticsearch: version('elasticsearch'),
    }).toEqual(versions)
    expect(version('kibana')).toBe(versions.elasticsearch)
  })

  it('gives our containers settings that the configuration knows', () => {
    const known = new Set(
      Object.values(allSections)
        .flatMap(settingsOf)
        .map(({ path }) => variableOf(path)),
    )
    for (const [, { environment = {} }] of ours()) {
      for (const variable of Object.keys(environment)) expect(known).toContain(variable)
    }
  })

  it('publishes ports on loopback only', () => {
    for (const { ports = [] } of Object.values(composed))
      for (const port of ports) expect(port.host_ip).toBe('127.0.0.1')
  })

  it('gives our containers no privileges', () => {
    for (const [, service] of ours()) {
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      })
    }
  })
})
