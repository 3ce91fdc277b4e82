import { basename, join } from 'node:path'
import { ConfigurationError } from '../../shared/errors.ts'
import { cached, nameOf } from '../cache.ts'
import { run } from '../command.ts'
import type { Step } from '../progress.ts'
import { find } from '../toolchains.ts'

interface GoProgram {
  /** The package that has the `main` function. */
  readonly path: string
  /** Of its module, as the proxy knows it. */
  readonly version: string
  readonly tags?: readonly string[]
  /** Variables of the program that the linker sets. */
  readonly variables?: Readonly<Record<string, string>>
}

/**
 * A program from the Go module proxy, built once with exactly the dependencies that its own module names; Go verifies
 * their checksums. Returns its path. Throws ConfigurationError without Go.
 */
export async function goProgram(program: GoProgram, step: Step, signal?: AbortSignal): Promise<string> {
  const name = basename(program.path)
  const folder = await cached(nameOf(`${name}-${program.version}`, program), (target) =>
    install(program, target, step, signal),
  )
  return join(folder, name)
}

async function install(
  { path, version, tags = [], variables = {} }: GoProgram,
  folder: string,
  step: Step,
  signal?: AbortSignal,
): Promise<void> {
  await requireGo(basename(path))
  const set = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`)
  const flags = ['-v', '-trimpath', '-tags', tags.join(','), '-ldflags', ['-s', '-w', ...set].join(' ')]
  step.update('fetching sources')
  await run('go', ['install', ...flags, `${path}@v${version}`], {
    env: { ...process.env, GOBIN: folder },
    signal,
    onLine: (line) => step.update(goDetail(line)),
  })
}

/** Throws ConfigurationError when there is no Go to build `program` with. */
export async function requireGo(program: string): Promise<void> {
  if (!(await find('go')))
    throw new ConfigurationError(`Building ${program} takes Go, which is not installed: install it.`)
}

/** What Go is doing, from a line that `-v` prints. */
export const goDetail = (line: string): string => {
  const download = /^go: downloading (\S+)/.exec(line)?.[1]
  return download ? `fetching ${download}` : `compiling ${line.trim().split(' ').at(-1)}`
}
