import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { ConfigurationError } from '../shared/errors.ts'
import { run } from './command.ts'

const minimumJava = 17

/** The path of a program on PATH, or undefined. */
export async function find(program: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, program)
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path
  }
  return undefined
}

/** The `java` to run servers with. Throws ConfigurationError when there is none, or only an old one. */
export async function findJava(): Promise<string> {
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : await find('java')
  if (!java)
    throw new ConfigurationError(
      `No Docker engine answers and no Java is installed: install either Docker, or Java ${minimumJava} or newer with Maven.`,
    )
  let banner = ''
  await run(java, ['-version'], { onLine: (line) => (banner += `${line}\n`) })
  const major = Number(/version "(\d+)/.exec(banner)?.[1])
  if (major < minimumJava)
    throw new ConfigurationError(
      `${java} is Java ${major}, but the servers need Java ${minimumJava} or newer: install it, or point JAVA_HOME at it.`,
    )
  return java
}

/** Throws ConfigurationError when Maven is missing. */
export async function findMaven(): Promise<string> {
  const maven = await find('mvn')
  if (!maven)
    throw new ConfigurationError(
      'Maven is not installed, and no Docker engine answers: install Maven (mvn), which fetches the servers, or Docker.',
    )
  return maven
}

export interface InfluxToolchain {
  readonly rustToolchain: string | undefined
}

/** What building InfluxDB takes, or the sentence that says what is missing. */
export async function findInfluxToolchain(): Promise<InfluxToolchain | string> {
  const missing: string[] = []
  if (!(await find('go'))) missing.push('Go 1.24')
  if (!(await find('cargo'))) missing.push('Rust (cargo)')
  if (!(await find('pkg-config'))) missing.push('pkg-config')
  if (!(await find('cc')) && !(await find('gcc')) && !(await find('clang'))) missing.push('a C compiler')
  if (missing.length > 0)
    return `building InfluxDB takes ${missing.join(', ')}, which this machine lacks: install ${missing.length > 1 ? 'them' : 'it'}, or Docker`
  return { rustToolchain: await installedRust() }
}

/** A toolchain that is installed already, because InfluxDB's sources ask rustup for one of their own. */
async function installedRust(): Promise<string | undefined> {
  if (!(await find('rustup'))) return undefined
  const [first] = (await run('rustup', ['toolchain', 'list']))
    .split('\n')
    .filter((line) => line.startsWith('stable'))
  return first?.split(' ')[0]
}
